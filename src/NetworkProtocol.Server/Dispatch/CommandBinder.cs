using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Dispatch;

/// <summary>Makes a command of any function: what it asks for comes from the request or from the services.</summary>
internal static class CommandBinder
{
    private static readonly Type[] Answers =
    [
        typeof(void), typeof(string), typeof(Message), typeof(Task), typeof(Task<string>), typeof(Task<Message>),
        typeof(ValueTask), typeof(ValueTask<string>), typeof(ValueTask<Message>),
    ];

    /// <exception cref="ArgumentException">The function gives something that is no answer.</exception>
    public static CommandHandler Bind(string name, Delegate function)
    {
        var type = function.Method.ReturnType;
        if (!Answers.Contains(type) && !type.IsAssignableTo(typeof(Message)))
        {
            throw new ArgumentException(
                $"The command {name} cannot answer with {type}: return a string, a Message or nothing, or a Task or ValueTask of these.", nameof(function));
        }

        Func<CommandContext, CancellationToken, object?>[] sources = [.. function.Method.GetParameters().Select(Source)];
        var invoker = MethodInvoker.Create(function.Method);
        return (context, cancellationToken) =>
        {
            var arguments = Array.ConvertAll(sources, source => source(context, cancellationToken));
            return AnswerAsync(Invoke(invoker, function.Target, arguments), context);
        };
    }

    private static Func<CommandContext, CancellationToken, object?> Source(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        return type == typeof(CommandContext) ? (context, _) => context
            : type == typeof(CancellationToken) ? (_, cancellationToken) => cancellationToken
            : type == typeof(Connections.Connection) ? (context, _) => context.Connection
            : type == typeof(string) ? (context, _) => context.Text
            : type == typeof(ReadOnlyMemory<byte>) ? (context, _) => context.Payload
            : (context, _) => context.Services.GetRequiredService(type);
    }

    private static object? Invoke(MethodInvoker invoker, object? target, object?[] arguments)
    {
        try
        {
            return invoker.Invoke(target, arguments.AsSpan());
        }
        catch (TargetInvocationException e) when (e.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    private static async ValueTask<Message?> AnswerAsync(object? result, CommandContext context)
    {
        switch (result)
        {
            case Task<string> task:
                return Reply(await task, context);
            case Task<Message> task:
                return await task;
            case Task task:
                await task;
                return null;
            case ValueTask<string> task:
                return Reply(await task, context);
            case ValueTask<Message> task:
                return await task;
            case ValueTask task:
                await task;
                return null;
            default:
                return result as Message ?? Reply(result as string, context);
        }
    }

    private static Message? Reply(string? text, CommandContext context) => text is null ? null : context.Reply(text);
}
