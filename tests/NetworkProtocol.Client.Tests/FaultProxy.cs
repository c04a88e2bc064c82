using System.Net;
using System.Net.Sockets;

namespace NetworkProtocol.Client.Tests;

/// <summary>What a <see cref="FaultProxy"/> does to the bytes from the server.</summary>
public enum Fault
{
    None,
    Delay,
    OneByteAtATime,
    CutInsidePacket,
    BlackHole,
    Reset,
    HalfClose,
    Garbage,
}

/// <summary>
/// A proxy between client and server that breaks connections in the ways that networks do. The fault starts after a number of bytes from
/// the server.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly EndPoint _server;
    private readonly Task _accepting;

    public FaultProxy(EndPoint server, Fault fault, int afterBytes)
    {
        (_server, Fault, AfterBytes) = (server, fault, afterBytes);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public Fault Fault { get; set; }

    public int AfterBytes { get; }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptAsync(_stopping.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                await server.ConnectAsync(_server, _stopping.Token);
                var up = ForwardAsync(client, server);
                await Task.WhenAny(up, BreakAsync(server, client));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One side has closed its connection, so the proxy closes both.
            }
        }
    }

    private async Task ForwardAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        for (int count; (count = await from.ReceiveAsync(buffer, _stopping.Token)) > 0;)
        {
            await to.SendAsync(buffer.AsMemory(0, count), _stopping.Token);
        }

        to.Shutdown(SocketShutdown.Send);
        await Task.Delay(Timeout.Infinite, _stopping.Token);
    }

    private async Task BreakAsync(Socket server, Socket client)
    {
        var buffer = new byte[16 * 1024];
        var passed = 0;
        for (int count; (count = await server.ReceiveAsync(buffer, _stopping.Token)) > 0;)
        {
            var before = Math.Clamp(AfterBytes - passed, 0, count);
            await client.SendAsync(buffer.AsMemory(0, before), _stopping.Token);
            passed += before;
            if (before < count && await ApplyAsync(client, buffer.AsMemory(before, count - before)))
            {
                return;
            }
        }
    }

    /// <summary>Returns true if the connection has ended.</summary>
    private async Task<bool> ApplyAsync(Socket client, Memory<byte> rest)
    {
        switch (Fault)
        {
            case Fault.Delay:
                await Task.Delay(50, _stopping.Token); // the fault itself
                await client.SendAsync(rest, _stopping.Token);
                return false;
            case Fault.OneByteAtATime:
                for (var i = 0; i < rest.Length; i++)
                {
                    await client.SendAsync(rest.Slice(i, 1), _stopping.Token);
                }

                return false;
            case Fault.CutInsidePacket:
                await client.SendAsync(rest[..(rest.Length / 2)], _stopping.Token);
                return true;
            case Fault.BlackHole:
                await Task.Delay(Timeout.Infinite, _stopping.Token);
                return true;
            case Fault.Reset:
                client.LingerState = new LingerOption(true, 0);
                return true;
            case Fault.HalfClose:
                client.Shutdown(SocketShutdown.Send);
                await Task.Delay(Timeout.Infinite, _stopping.Token);
                return true;
            case Fault.Garbage:
                rest.Span.Fill(0xFF);
                await client.SendAsync(rest, _stopping.Token);
                return false;
            default:
                await client.SendAsync(rest, _stopping.Token);
                return false;
        }
    }
}
