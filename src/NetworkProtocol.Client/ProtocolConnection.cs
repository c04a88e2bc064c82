using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Channels;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace NetworkProtocol.Client;

/// <summary>
/// One connection to a server, for many tasks at once: requests are sent as they come and matched to answers in order.
/// </summary>
public sealed class ProtocolConnection : IAsyncDisposable
{
    /// <summary>Messages that nobody asked for and nobody has received yet; further ones wait in the socket.</summary>
    private const int UnaskedCapacity = 1024;

    private readonly Stream _stream;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly SecureChannel? _channel;
    private readonly ClientOptions _options;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _inFlight;
    private readonly ConcurrentQueue<PendingRequest> _pending = new();
    private readonly Channel<Message> _unasked = Channel.CreateBounded<Message>(UnaskedCapacity);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _reading;
    private ProtocolClientException? _ended;

    private ProtocolConnection(Stream stream, PipeReader input, PipeWriter output, SecureChannel? channel, ClientOptions options)
    {
        (_stream, _input, _output, _channel, _options) = (stream, input, output, channel, options);
        _inFlight = new SemaphoreSlim(options.MaxRequestsInFlight);
        _reading = ReadAllAsync();
    }

    /// <summary>Connects, and completes the handshake that the address and the options ask for.</summary>
    /// <param name="address">The server.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProtocolClientException">No connection, TLS or handshake failed, or the time ran out.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static async Task<ProtocolConnection> ConnectAsync(
        ServerAddress address, ClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        options = (options ?? new ClientOptions()).Validated();
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        Stream? stream = null;
        try
        {
            stream = await Connector.ConnectAsync(address, options, either.Token);
            var (input, output) = (PipeReader.Create(stream), PipeWriter.Create(stream));
            var channel = !address.IsUnix && options.Transport == ClientTransport.SecureHandshake
                ? await Connector.ShakeHandsAsync(input, output, options.TimeProvider, either.Token)
                : null;
            return new ProtocolConnection(stream, input, output, channel, options);
        }
        catch (Exception e)
        {
            await (stream?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw e switch
            {
                OperationCanceledException when timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested =>
                    new ProtocolClientException(ProtocolErrorKind.Timeout, $"No connection to {address} within {options.ConnectTimeout}.", e),
                SocketException => new ProtocolClientException(ProtocolErrorKind.Connect, $"Cannot connect to {address}: {e.Message}.", e),
                IOException => new ProtocolClientException(ProtocolErrorKind.Handshake, $"{address} ended the handshake: {e.Message}", e),
                _ => e,
            };
        }
    }

    /// <summary>Sends a Ping, Echo or Custom and gives its answer.</summary>
    /// <exception cref="ProtocolClientException">
    /// The server answered with ERROR, the time ran out, or the connection is closed. A request that is given up keeps
    /// its place, so that answers never shift.
    /// </exception>
    /// <exception cref="ArgumentException">The message is one that has no answer.</exception>
    public async Task<Message> RequestAsync(Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message is not (Message.Ping or Message.Echo or Message.Custom))
        {
            throw new ArgumentException($"{message.Tag} has no answer: use {nameof(SendAsync)}.", nameof(message));
        }

        var request = new PendingRequest(message.Tag);
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _inFlight.WaitAsync(either.Token);
            try
            {
                await WriteAsync(message, request, either.Token);
            }
            catch (OperationCanceledException) when (!request.IsQueued)
            {
                _inFlight.Release();
                throw;
            }

            return await request.Answer.WaitAsync(either.Token);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ProtocolClientException(ProtocolErrorKind.Timeout, $"No answer within {_options.RequestTimeout}.", e);
        }
    }

    /// <summary>Sends a message that has no answer.</summary>
    /// <exception cref="ProtocolClientException">The connection is closed.</exception>
    public Task SendAsync(Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return WriteAsync(message, null, cancellationToken);
    }

    /// <summary>The next message that nobody asked for; null when the connection is closed and none is left.</summary>
    public async ValueTask<Message?> ReceiveAsync(CancellationToken cancellationToken = default) =>
        await _unasked.Reader.WaitToReadAsync(cancellationToken) && _unasked.Reader.TryRead(out var message) ? message : null;

    /// <summary>Says Disconnect and closes; requests without an answer fail.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), _options.TimeProvider))
        {
            try
            {
                await WriteAsync(new Message.Disconnect(), null, patience.Token);
            }
            catch (Exception e) when (e is ProtocolClientException or OperationCanceledException)
            {
                // It is closed already, or the server does not read: either way it ends now.
            }
        }

        End(new ProtocolClientException(ProtocolErrorKind.Closed, "The connection was closed by this side."));
        await _closing.CancelAsync();
        await _reading;
        await _stream.DisposeAsync();
        _channel?.Dispose();
        _closing.Dispose();
    }

    private async Task WriteAsync(Message message, PendingRequest? request, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_ended is { } ended)
            {
                throw Copy(ended);
            }

            PacketWriter.Write(_output, message, _channel);
            if (request is not null)
            {
                request.IsQueued = true;
                _pending.Enqueue(request);
            }

            // Not the caller's token: a packet that is cut short would cost every request of the connection.
            await _output.FlushAsync(_closing.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            throw Copy(End(Lost(e)));
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAllAsync()
    {
        ProtocolClientException ended;
        try
        {
            ended = await ReadUntilEndAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            ended = Lost(e);
        }
        catch (ProtocolClientException e)
        {
            ended = e;
        }

        End(ended);
    }

    private async Task<ProtocolClientException> ReadUntilEndAsync()
    {
        while (true)
        {
            var result = await _input.ReadAsync(_closing.Token);
            var buffer = result.Buffer;
            PacketStatus status;
            while ((status = PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out var payload)) == PacketStatus.Complete)
            {
                var message = Open(payload);
                if (message is Message.Disconnect)
                {
                    return new ProtocolClientException(ProtocolErrorKind.Closed, "The server said Disconnect: what has no answer was not executed.");
                }

                await TakeAsync(message);
            }

            if (status != PacketStatus.Incomplete)
            {
                return new ProtocolClientException(ProtocolErrorKind.Protocol, $"The server sent something else than packets: {status}.");
            }

            _input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return buffer.IsEmpty
                    ? new ProtocolClientException(ProtocolErrorKind.Closed, "The server closed the connection.")
                    : new ProtocolClientException(ProtocolErrorKind.Protocol, "The connection ended inside a packet.");
            }
        }
    }

    private Message Open(ReadOnlySequence<byte> payload)
    {
        var bytes = payload.ToArray();
        Span<byte> message = bytes;
        if (_channel is not null)
        {
            message = new byte[Math.Max(0, bytes.Length - SecureChannel.Overhead)];
            var status = _channel.Open(bytes, message);
            if (status != OpenStatus.Opened)
            {
                throw new ProtocolClientException(ProtocolErrorKind.Protocol, $"A packet of the server could not be opened: {status}.");
            }
        }

        return MessageView.TryDecode(message, out var view) && view.Tag is < MessageTag.HandshakeInit or > MessageTag.HandshakeConfirm
            ? view.ToMessage()
            : throw new ProtocolClientException(ProtocolErrorKind.Protocol, "The server sent a message that does not decode.");
    }

    private async ValueTask TakeAsync(Message message)
    {
        if (message is Message.Ping)
        {
            await WriteAsync(new Message.Pong(), null, _closing.Token);
        }
        else if (_pending.TryPeek(out var request) && request.IsAnsweredBy(message))
        {
            _pending.TryDequeue(out _);
            _inFlight.Release();
            request.Complete(message);
        }
        else
        {
            await _unasked.Writer.WriteAsync(message, _closing.Token);
        }
    }

    private ProtocolClientException End(ProtocolClientException reason)
    {
        var first = Interlocked.CompareExchange(ref _ended, reason, null) ?? reason;
        _unasked.Writer.TryComplete();
        while (_pending.TryDequeue(out var request))
        {
            _inFlight.Release();
            request.Fail(Copy(first));
        }

        return first;
    }

    private static ProtocolClientException Lost(Exception e) =>
        new(ProtocolErrorKind.Closed, $"The connection was lost: {e.Message}", e);

    // Each caller throws an exception of its own: one that is shared would mix their stacks.
    private static ProtocolClientException Copy(ProtocolClientException e) => new(e.Kind, e.Message, e);
}
