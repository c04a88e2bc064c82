using System.Net;
using Microsoft.AspNetCore.Connections;
using NetworkProtocol.Web;

namespace Integration.Tests.Console;

/// <summary>The connections that keep their place when the HTTP port is full.</summary>
public sealed class HttpConnectionTests
{
    private const int Limit = 20;

    private readonly HttpConnections _connections = new(Limit);

    [Fact]
    public void A_stranger_with_an_IPv6_64_has_one_place_in_it_more_at_the_cost_of_nobody_else()
    {
        var honest = Open("198.51.100.7");
        var strangers = Enumerable.Range(1, 2 * Limit).Select(i => Open($"2001:db8::{i:x}")).ToArray();
        Assert.False(honest.IsEnded);
        Assert.Equal(Limit - 1, strangers.Count(stranger => !stranger.IsEnded));
    }

    [Theory]
    [InlineData("2001:db8:0:{0:x}::1")] // each of a /48
    [InlineData("2001:db8:{0:x}::1")] // each of a /32
    [InlineData("198.51.100.{0}")] // each of an IPv4 /24
    public void A_stranger_with_a_whole_network_displaces_its_own_connections(string addresses)
    {
        Opened[] honest = [Open("203.0.113.7"), Open("203.0.113.7"), Open("203.0.113.7")];
        var strangers = Enumerable.Range(1, 2 * Limit)
            .Select(i => Open(string.Format(System.Globalization.CultureInfo.InvariantCulture, addresses, i))).ToArray();
        Assert.DoesNotContain(honest, connection => connection.IsEnded);
        Assert.Equal(Limit - honest.Length, strangers.Count(stranger => !stranger.IsEnded));
    }

    [Fact]
    public void A_newcomer_takes_the_place_of_the_oldest_of_the_largest_network_and_places_that_are_left_are_free()
    {
        var strangers = Enumerable.Range(1, Limit).Select(i => Open($"2001:db8:0:{i % 4:x}::{i:x}")).ToArray();
        Assert.False(Open("203.0.113.7").IsEnded);
        Assert.Single(strangers, stranger => stranger.IsEnded);
        strangers[^1].Disconnect();
        Assert.False(Open("2001:db8:0:9::1").IsEnded);
        Assert.Single(strangers, stranger => stranger.IsEnded);
    }

    [Fact]
    public void A_connection_whose_socket_waits_for_its_client_keeps_its_place_and_can_be_displaced()
    {
        var strangers = Enumerable.Range(1, Limit).Select(_ => Open("203.0.113.7", isStuck: true)).ToArray();
        Assert.All(strangers, stranger => stranger.Disconnected.SetResult());
        Assert.False(Open("198.51.100.7").IsEnded);
        Assert.Single(strangers, stranger => stranger.IsEnded);
    }

    private Opened Open(string address, bool isStuck = false)
    {
        var connection = new Connection(isStuck) { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 1024) };
        var disconnected = new TaskCompletionSource();
        var served = _connections.RunAsync(connection, _ => disconnected.Task);
        return new Opened(connection, disconnected, served);
    }

    private sealed record Opened(Connection Connection, TaskCompletionSource Disconnected, Task Served)
    {
        public bool IsEnded => Connection.IsAborted;

        public void Disconnect()
        {
            Disconnected.SetResult();
            Assert.True(Served.IsCompletedSuccessfully);
        }
    }

    private sealed class Connection(bool isStuck) : DefaultConnectionContext
    {
        public bool IsAborted { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;

        public override async ValueTask DisposeAsync()
        {
            await (isStuck ? new TaskCompletionSource().Task : Task.CompletedTask);
            await base.DisposeAsync();
        }
    }
}
