using System.Buffers;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Commands;

/// <summary>
/// Makes a command handler of any function: the arguments for its parameters come from the request, the services or the payload.
/// </summary>
internal static class CommandBinder
{
    private static readonly ParameterExpression Context = Expression.Parameter(typeof(CommandContext));
    private static readonly ParameterExpression Token = Expression.Parameter(typeof(CancellationToken));

    private static readonly Dictionary<Type, Expression> Given = new()
    {
        [typeof(CommandContext)] = Context,
        [typeof(CancellationToken)] = Token,
        [typeof(Connection)] = Expression.Property(Context, nameof(CommandContext.Connection)),
        [typeof(ClientIdentity)] = Expression.Property(
            Expression.Property(Context, nameof(CommandContext.Connection)), nameof(Connection.Identity)),
        [typeof(string)] = Expression.Property(Context, nameof(CommandContext.Text)),
        [typeof(ReadOnlyMemory<byte>)] = Expression.Property(Context, nameof(CommandContext.Payload)),
        [typeof(byte[])] = Call(nameof(Copy), null, Context),
        [typeof(Memory<byte>)] = Expression.New(typeof(Memory<byte>).GetConstructor([typeof(byte[])])!, Call(nameof(Copy), null, Context)),
        [typeof(IServiceProvider)] = Expression.Property(Context, nameof(CommandContext.Services)),
    };

    /// <exception cref="ArgumentException">There is no argument for a parameter.</exception>
    public static CommandHandler Bind(string name, Delegate function, IServiceProvider services)
    {
        var serializer = Expression.Constant(services.GetRequiredService<IPayloadSerializer>());
        var isService = services.GetRequiredService<IServiceProviderIsService>();
        var parameters = function.Method.GetParameters();
        if (function.Method.IsStatic && function.Target is not null)
        {
            parameters = parameters[1..]; // the function is an extension method of the target, which is bound already
        }

        var payloads = Array.FindAll(parameters, parameter => IsPayload(parameter, isService));
        if (payloads.Length > 1 || !Array.TrueForAll(payloads, parameter => CanBeRead(parameter.ParameterType)))
        {
            var names = string.Join(", ", payloads.Select(parameter => $"'{parameter.ParameterType.Name} {parameter.Name}'"));
            throw new ArgumentException(
                $"The command {name} has no argument for {names}: one parameter may be read from the payload, and each other parameter "
                + "must be a registered service or a part of the request.", nameof(function));
        }

        var arguments = parameters.Select(parameter => Source(parameter, serializer, isService));
        var call = Expression.Invoke(Expression.Constant(function), arguments);
        var answer = Answer(call, serializer);
        CommandHandler? compiled = null; // compiled at the first request, so that it does not delay the start
        return (context, cancellationToken) =>
            (compiled ??= Expression.Lambda<CommandHandler>(answer, Context, Token).Compile())(context, cancellationToken);
    }

    private static bool IsPayload(ParameterInfo parameter, IServiceProviderIsService isService) =>
        !Given.ContainsKey(parameter.ParameterType)
        && parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is null
        && !IsService(parameter.ParameterType, isService);

    private static bool CanBeRead(Type type) =>
        !type.IsByRef && !type.IsByRefLike && (!type.IsInterface || typeof(System.Collections.IEnumerable).IsAssignableFrom(type));

    // A container resolves every IEnumerable, without registrations to an empty one, so only its element type tells. A list of interfaces
    // cannot be read from a payload, and so is a service.
    private static bool IsService(Type type, IServiceProviderIsService isService)
    {
        var element = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>) ? type.GenericTypeArguments[0] : null;
        return element is null || element.IsAbstract ? isService.IsService(type) : isService.IsService(element);
    }

    private static Expression Source(ParameterInfo parameter, ConstantExpression serializer, IServiceProviderIsService isService)
    {
        var type = parameter.ParameterType;
        return Given.TryGetValue(type, out var given) ? given
            : parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed
                ? Call(nameof(KeyedService), type, Context, Expression.Constant(keyed.Key, typeof(object)))
            : IsService(type, isService) ? Call(nameof(Service), type, Context)
            : Call(nameof(Payload), type, Context, serializer);
    }

    private static Expression Answer(InvocationExpression call, ConstantExpression serializer)
    {
        var type = call.Type;
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        return type == typeof(void) ? Expression.Block(call, Expression.Default(typeof(ValueTask<Message?>)))
            : type == typeof(Task)
                ? Call(nameof(NothingAsync), null, Expression.New(typeof(ValueTask).GetConstructor([typeof(Task)])!, call))
            : type == typeof(ValueTask) ? Call(nameof(NothingAsync), null, call)
            : generic == typeof(ValueTask<>) ? Call(nameof(AnswerAsync), type.GenericTypeArguments[0], call, Context, serializer)
            : FindTask(type) is { } task ? Call(nameof(AnswerOfTask), task.GenericTypeArguments[0], call, Context, serializer)
            : Call(nameof(AnswerAtOnce), type, call, Context, serializer);
    }

    private static Type? FindTask(Type? type)
    {
        while (type is not null && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>)))
        {
            type = type.BaseType;
        }

        return type;
    }

    private static MethodCallExpression Call(string method, Type? type, params Expression[] arguments)
    {
        var found = typeof(CommandBinder).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!;
        return Expression.Call(type is null ? found : found.MakeGenericMethod(type), arguments);
    }

    private static byte[] Copy(CommandContext context) => context.Payload.ToArray();

    private static T Service<T>(CommandContext context)
        where T : notnull => context.Services.GetRequiredService<T>();

    private static T KeyedService<T>(CommandContext context, object? key)
        where T : notnull => context.Services.GetRequiredKeyedService<T>(key);

    private static T Payload<T>(CommandContext context, IPayloadSerializer serializer) => serializer.Read<T>(context.Payload.Span);

    private static async ValueTask<Message?> NothingAsync(ValueTask task)
    {
        await task;
        return null;
    }

    private static ValueTask<Message?> AnswerOfTask<T>(Task<T> task, CommandContext context, IPayloadSerializer serializer) =>
        AnswerAsync(new ValueTask<T>(task), context, serializer);

    private static async ValueTask<Message?> AnswerAsync<T>(ValueTask<T> task, CommandContext context, IPayloadSerializer serializer) =>
        ToMessage(await task, context, serializer);

    private static ValueTask<Message?> AnswerAtOnce<T>(T value, CommandContext context, IPayloadSerializer serializer) =>
        new(ToMessage(value, context, serializer));

    private static Message? ToMessage<T>(T value, CommandContext context, IPayloadSerializer serializer)
    {
        switch (value)
        {
            case null:
                return null;
            case Message message:
                return message;
            case string text:
                return context.Reply(text);
            case byte[] bytes:
                return context.Reply(bytes);
            case ReadOnlyMemory<byte> bytes:
                return context.Reply(bytes);
            case Memory<byte> bytes:
                return context.Reply(bytes);
            default:
                var payload = new ArrayBufferWriter<byte>();
                serializer.Write(payload, value);
                return context.Reply(payload.WrittenMemory);
        }
    }
}
