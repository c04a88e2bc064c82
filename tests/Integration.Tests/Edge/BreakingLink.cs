using System.Net;
using System.Net.Sockets;

namespace Integration.Tests.Edge;

/// <summary>
/// A network between an edge and its hub that breaks: each connection ends with a reset after a random number of bytes, in the middle of a
/// request, so before the hub's commit, or in the middle of an answer, so after it.
/// </summary>
internal sealed class BreakingLink : IAsyncDisposable
{
    /// <summary>A greeting has some 300 bytes with its handshake, and a batch of a few messages likewise.</summary>
    private const int MostBytes = 3000;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly EndPoint _hub;
    private readonly Random _random;
    private readonly Task _accepting;
    private int _breaks;
    private volatile bool _isSound;

    public BreakingLink(EndPoint hub, int seed)
    {
        (_hub, _random) = (hub, new Random(seed));
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>How many connections the link has broken.</summary>
    public int Breaks => Volatile.Read(ref _breaks);

    /// <summary>From now on connections last.</summary>
    public void Mend() => _isSound = true;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var edge = await _listener.AcceptAsync(_stop.Token);
                connections.Add(RelayAsync(edge, _random.Next(MostBytes), _random.Next(MostBytes)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(Socket edge, int requestBytes, int answerBytes)
    {
        using var _ = edge;
        using var hub = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            await hub.ConnectAsync(_hub, end.Token);
            var requests = CopyAsync(edge, hub, requestBytes, end.Token);
            var answers = CopyAsync(hub, edge, answerBytes, end.Token);
            var broken = await await Task.WhenAny(requests, answers);
            await end.CancelAsync();
            if (broken)
            {
                Interlocked.Increment(ref _breaks);
                edge.LingerState = hub.LingerState = new LingerOption(true, 0); // a reset: what is under way is gone
            }

            await Task.WhenAll(requests, answers);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The connection has ended.
        }
    }

    /// <summary>Copies until the end (false), or until so many bytes were copied (true).</summary>
    private async Task<bool> CopyAsync(Socket from, Socket to, int limit, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (await from.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
        {
            var part = _isSound ? count : Math.Min(count, limit);
            await to.SendAsync(buffer.AsMemory(0, part), cancellationToken);
            limit -= part;
            if (part < count)
            {
                return true;
            }
        }

        return false;
    }
}
