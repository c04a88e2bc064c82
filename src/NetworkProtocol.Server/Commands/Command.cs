using System.Buffers;
using System.Text;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Commands;

/// <summary>A mapped command after the server has started: its conventions are applied and do not change any more.</summary>
internal sealed class Command
{
    /// <summary>If a handler took longer than this, it may do so again: answers that are ready do not wait for its next run.</summary>
    public static readonly TimeSpan QuickEnough = TimeSpan.FromMilliseconds(1);

    private readonly Func<ClientIdentity, string?>[] _requirements;

    private Command(
        CommandOptions options, CommandHandler handler, BorrowingCommandHandler? borrowing = null, BatchCommandHandler? batch = null)
    {
        Name = options.Name;
        Utf8Name = Encoding.UTF8.GetBytes(Name);
        Timeout = options.Timeout;
        MaxPayloadBytes = options.MaxPayloadBytes;
        Metadata = [.. options.Metadata];
        Endpoint = options.Endpoint;
        Handler = Compose(options, handler);
        Borrowing = Handler == handler ? borrowing : null; // a filter may look at the answer, so it needs one
        Batch = Handler == handler ? batch : null; // a filter looks at one request
        _requirements = [.. options.Requirements];
    }

    public string Name { get; }

    public byte[] Utf8Name { get; }

    public TimeSpan? Timeout { get; }

    public int? MaxPayloadBytes { get; }

    public IReadOnlyList<object> Metadata { get; }

    /// <summary>The endpoint that alone serves the command; null for the server's own endpoints.</summary>
    public string? Endpoint { get; }

    /// <summary>The filters with the handler behind them.</summary>
    public CommandHandler Handler { get; }

    /// <summary>The handler, if it borrows the payload and has no filter before it.</summary>
    public BorrowingCommandHandler? Borrowing { get; }

    /// <summary>The handler, if it answers several requests together and has no filter before it.</summary>
    public BatchCommandHandler? Batch { get; }

    /// <summary>How long its requests take.</summary>
    public DurationHistogram Durations { get; set; } = null!;

    /// <summary>Whether the handler's last run was so short that earlier answers can wait for its next run.</summary>
    public bool IsQuick { get; private set; }

    public static Command Create(CommandOptions options, CommandHandler handler) => new(options, handler);

    public static Command Create(CommandOptions options, BorrowingCommandHandler handler) =>
        new(options, (context, _) => new(Answer(handler, context)), handler);

    public static Command Create(CommandOptions options, BatchCommandHandler handler) => new(
        options,
        async (context, cancellationToken) => (await handler(context, [context.Payload], cancellationToken))[0],
        batch: handler);

    /// <summary>Why the client of a connection may not send the command, or null.</summary>
    public string? Refuse(Connection connection)
    {
        if (Endpoint != connection.Endpoint)
        {
            return $"Command {Name} is not served on this socket";
        }

        foreach (var requirement in _requirements)
        {
            if (requirement(connection.Identity) is { } refusal)
            {
                return $"Command {Name} {refusal}";
            }
        }

        return null;
    }

    /// <summary>Notes how long a run took, which predicts whether the next run is quick.</summary>
    public void NoteDuration(TimeSpan duration)
    {
        var isQuick = duration < QuickEnough;
        if (isQuick != IsQuick)
        {
            IsQuick = isQuick;
        }
    }

    private static Messages.Message? Answer(BorrowingCommandHandler handler, CommandContext context)
    {
        var answer = new ArrayBufferWriter<byte>();
        return handler(context, context.Payload.Span, answer) ? context.Reply(answer.WrittenMemory) : null;
    }

    private static CommandHandler Compose(CommandOptions options, CommandHandler handler)
    {
        var filters = options.Concurrency is { } limit ? options.Filters.Append(new ConcurrencyLimit(limit)) : options.Filters;
        return filters.Reverse().Aggregate(
            handler, (next, filter) => (context, cancellationToken) => filter.InvokeAsync(context, next, cancellationToken));
    }
}
