using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;

namespace Integration.Tests.Connections;

/// <summary>Commands with typical handlers, which notice when a handler runs that must not run.</summary>
internal sealed class Handlers
{
    public const string Now = "NOW";
    public const string Await = "AWAIT";
    public const string Throw = "THROW";
    public const string Block = "BLOCK";
    public const string Silent = "SILENT";
    public const string Ignore = "IGNORE";

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(2);

    private readonly ConcurrentDictionary<long, Watch> _watches = new();
    private int _running;

    /// <summary>The number of handlers that run.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>The number of handlers that have run.</summary>
    public int Begun => _watches.Values.Sum(watch => watch.Begun);

    /// <summary>The handlers that ran and must not have run.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    public void Map(WebApplication app)
    {
        Map(app, Now, (_, _) => Task.CompletedTask);
        Map(app, Await, (number, token) => Task.Delay(Moment * (number % 3), token));
        Map(app, Throw, async (number, _) =>
        {
            await Task.Delay(Moment * (number % 2), CancellationToken.None);
            throw new InvalidOperationException("As asked.");
        });
        Map(app, Block, (number, _) =>
        {
            using var never = new ManualResetEventSlim();
            never.Wait(Moment * (number % 3), CancellationToken.None);
            return Task.CompletedTask;
        });
        Map(app, Silent, (number, token) => Task.Delay(Moment * (number % 2), token));
        Map(app, Ignore, (number, _) => Task.Delay(ConnectionRun.RequestTimeout * (1 + (number % 3)) / 2, CancellationToken.None));
    }

    private void Map(WebApplication app, string name, Func<int, CancellationToken, Task> act) =>
        app.MapCommand(name, (context, token) => RunAsync(context, act, token));

    private async ValueTask<Message?> RunAsync(CommandContext context, Func<int, CancellationToken, Task> act, CancellationToken token)
    {
        var watch = _watches.GetOrAdd(context.Connection.Id, _ => new Watch());
        var number = BinaryPrimitives.ReadInt32LittleEndian(context.Payload.Span);
        Interlocked.Increment(ref _running);
        try
        {
            Note(watch.Begin(number, context.Connection.Aborted), context);
            await act(number, token);
            return context.Command == Silent ? null : context.Reply(context.Payload);
        }
        finally
        {
            watch.End();
            Interlocked.Decrement(ref _running);
        }
    }

    private void Note(string? fault, CommandContext context)
    {
        if (fault is not null)
        {
            Faults.Enqueue($"{context.Command} of connection {context.Connection.Id}: {fault}");
        }
    }

    /// <summary>The handlers of one connection.</summary>
    private sealed class Watch
    {
        private int _running;
        private int _begun;
        private int _late;
        private int _last;

        public int Begun => Volatile.Read(ref _begun);

        // An abort may come between the server's last check and the handler's first line, but only one handler can be affected.
        public string? Begin(int number, bool isAborted)
        {
            Interlocked.Increment(ref _begun);
            var before = Interlocked.Exchange(ref _last, number);
            return Interlocked.Increment(ref _running) != 1 ? "it runs beside another one"
                : before >= number ? $"request {number} was begun after {before}"
                : isAborted && Interlocked.Increment(ref _late) > 1 ? "the connection was aborted before"
                : null;
        }

        public void End() => Interlocked.Decrement(ref _running);
    }
}
