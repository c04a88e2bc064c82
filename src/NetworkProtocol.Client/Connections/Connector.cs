using System.IO.Pipelines;
using NetworkProtocol.Client.Tls;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// Connects to a server: races the ways to its address, completes TLS or the secure handshake on each, and returns the first stream on
/// which that succeeds.
/// </summary>
internal static class Connector
{
    /// <summary>The time between the starts of two attempts that RFC 8305, section 8, recommends.</summary>
    public static readonly TimeSpan LongestHeadStart = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects within <see cref="ConnectionOptions.ConnectTimeout"/>.</summary>
    /// <exception cref="ProtocolClientException">No connection could be made.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<EstablishedStream> ConnectAsync(
        ServerAddress address, ConnectionOptions options, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var dials = await AddressResolver.ResolveAsync(address, options, either.Token).ConfigureAwait(false);
            var race = new ConnectionRace<EstablishedStream>(HeadStart(dials.Count, options.ConnectTimeout), options.TimeProvider);
            return await race.RunAsync(dials.Select(dial => Attempt(dial, address, options)), either.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw e switch // .NET may report a cancelled connect as another exception
            {
                _ when cancellationToken.IsCancellationRequested => new OperationCanceledException(e.Message, e, cancellationToken),
                _ when timeout.IsCancellationRequested =>
                    new ProtocolClientException(
                        ProtocolErrorKind.Timeout, $"No connection to {address} within {options.ConnectTimeout}.", e),
                ProtocolClientException => e,
                _ => CannotConnect(address, e), // the lookup of the name failed
            };
        }
    }

    // So short that all attempts start in the first half of the timeout, and the last one has the other half.
    private static TimeSpan HeadStart(int attempts, TimeSpan timeout) =>
        timeout != Timeout.InfiniteTimeSpan && timeout / (2 * attempts) < LongestHeadStart ? timeout / (2 * attempts) : LongestHeadStart;

    private static Func<CancellationToken, Task<EstablishedStream>> Attempt(
        Func<CancellationToken, ValueTask<Stream>> dial, ServerAddress address, ConnectionOptions options) => async cancellationToken =>
    {
        Stream stream;
        try
        {
            stream = await dial(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not ProtocolClientException)
        {
            throw CannotConnect(address, e);
        }

        try
        {
            return await SecureAsync(stream, address, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw e switch
            {
                ProtocolClientException => e,
                IOException => new ProtocolClientException(
                    ProtocolErrorKind.Handshake, $"{address} ended the connection during the handshake: {e.Message}", e),
                _ => CannotConnect(address, e),
            };
        }
    };

    private static async Task<EstablishedStream> SecureAsync(
        Stream stream, ServerAddress address, ConnectionOptions options, CancellationToken cancellationToken)
    {
        var transport = options.TransportTo(address);
        if (transport == ClientTransport.Tls)
        {
            stream = await TlsConnector.ConnectAsync(stream, address, options.Tls, cancellationToken).ConfigureAwait(false);
        }

        var input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: PacketReceiver.BufferSize, leaveOpen: true));
        var channel = transport == ClientTransport.SecureHandshake
            ? await SecureHandshake.CompleteAsync(input, stream, options.TimeProvider, cancellationToken).ConfigureAwait(false)
            : null;
        return new EstablishedStream(stream, input, channel);
    }

    private static ProtocolClientException CannotConnect(ServerAddress address, Exception e) =>
        new(ProtocolErrorKind.Connect, $"Cannot connect to {address}: {e.Message.TrimEnd('.')}.", e);
}
