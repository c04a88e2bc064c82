using System.IO.Pipelines;
using NetworkProtocol.Client.Tls;

namespace NetworkProtocol.Client.Connections;

/// <summary>From an address to a link: the first that is good of all the ways there are.</summary>
internal static class Connector
{
    /// <summary>How long an attempt is alone before the next one begins: what RFC 8305, section 8, recommends.</summary>
    public static readonly TimeSpan LongestHeadStart = TimeSpan.FromMilliseconds(250);

    /// <exception cref="ProtocolClientException">What went wrong, in the family's words.</exception>
    public static async Task<Link> ConnectAsync(ServerAddress address, ConnectionOptions options, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var ways = await Dialling.FindWaysAsync(address, options, either.Token).ConfigureAwait(false);
            var race = new ConnectionRace<Link>(HeadStart(ways.Count, options.ConnectTimeout), options.TimeProvider);
            return await race.RunAsync(ways.Select(dial => Attempt(dial, address, options)), either.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw e switch // .NET may tell of a cancelled connect in other words
            {
                _ when cancellationToken.IsCancellationRequested => new OperationCanceledException(e.Message, e, cancellationToken),
                _ when timeout.IsCancellationRequested =>
                    new ProtocolClientException(ProtocolErrorKind.Timeout, $"No connection to {address} within {options.ConnectTimeout}.", e),
                ProtocolClientException => e,
                _ => CannotConnect(address, e), // of the name's lookup
            };
        }
    }

    // So short that all begin in the first half of the time, and the last has the other half.
    private static TimeSpan HeadStart(int ways, TimeSpan timeout) =>
        timeout != Timeout.InfiniteTimeSpan && timeout / (2 * ways) < LongestHeadStart ? timeout / (2 * ways) : LongestHeadStart;

    private static Func<CancellationToken, Task<Link>> Attempt(
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
                IOException => new ProtocolClientException(ProtocolErrorKind.Handshake, $"{address} ended the handshake: {e.Message}", e),
                _ => CannotConnect(address, e),
            };
        }
    };

    private static async Task<Link> SecureAsync(
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
        return new Link(stream, input, channel);
    }

    private static ProtocolClientException CannotConnect(ServerAddress address, Exception e) =>
        new(ProtocolErrorKind.Connect, $"Cannot connect to {address}: {e.Message.TrimEnd('.')}.", e);
}
