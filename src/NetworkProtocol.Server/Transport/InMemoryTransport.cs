using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace NetworkProtocol.Server.Transport;

/// <summary>
/// The protocol without a socket, for tests: clients and server are in one process and exchange bytes in memory. Messages are not
/// encrypted, as on a Unix socket.
/// </summary>
/// <remarks>
/// Added with <see cref="NetworkProtocolServerExtensions.AddInMemoryTransport"/>. A client connects over <see cref="ConnectAsync"/>: with
/// <c>NetworkProtocol.Client</c> that is <c>Dial = (_, token) => transport.ConnectAsync(token)</c> and <c>Transport =
/// ClientTransport.None</c>.
/// </remarks>
public sealed class InMemoryTransport
{
    private readonly Channel<ConnectionContext> _accepting = Channel.CreateUnbounded<ConnectionContext>();
    private long _lastId;

    /// <summary>Connects to the server and returns the client's end. Closing the stream closes the connection.</summary>
    /// <exception cref="IOException">The server has stopped.</exception>
    public ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var connection = new InMemoryConnection($"memory-{Interlocked.Increment(ref _lastId)}");
        return _accepting.Writer.TryWrite(connection)
            ? new(connection.ClientStream)
            : throw new IOException("The server in memory has stopped.");
    }

    internal IConnectionListener Bind(InMemoryEndPoint endPoint) => new Listener(endPoint, _accepting);

    private sealed class Listener(InMemoryEndPoint endPoint, Channel<ConnectionContext> accepting) : IConnectionListener
    {
        public EndPoint EndPoint => endPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await accepting.Reader.WaitToReadAsync(cancellationToken) && accepting.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            accepting.Writer.TryComplete();
            while (accepting.Reader.TryRead(out var waiting))
            {
                waiting.Abort();
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Design", "CA1001", Justification = "The source has no timer and no wait handle, and may be cancelled after the connection's end.")]
    private sealed class InMemoryConnection : DefaultConnectionContext
    {
        private readonly Pipe _toServer = new();
        private readonly Pipe _toClient = new();
        private readonly CancellationTokenSource _closed = new();

        public InMemoryConnection(string id)
            : base(id)
        {
            Transport = new Duplex(_toServer.Reader, _toClient.Writer);
            ClientStream = new DuplexStream(_toClient.Reader, _toServer.Writer);
            LocalEndPoint = InMemoryEndPoint.Instance;
            ConnectionClosed = _closed.Token;
        }

        public Stream ClientStream { get; }

        // The base class's Abort cancels on another thread, where an ObjectDisposedException of a disposed connection is not caught.
        public override void Abort(ConnectionAbortedException abortReason)
        {
            _toClient.Writer.Complete(abortReason);
            _toServer.Writer.Complete(abortReason);
            _ = _closed.CancelAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            await _toClient.Writer.CompleteAsync();
            await _toServer.Reader.CompleteAsync();
            _ = _closed.CancelAsync();
            await base.DisposeAsync();
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
