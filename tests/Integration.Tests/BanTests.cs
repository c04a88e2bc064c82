using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Connections;

namespace Integration.Tests;

/// <summary>The clients that the server does not serve.</summary>
public sealed class BanTests
{
    [Fact]
    public async Task Bans_that_are_made_at_once_are_all_kept()
    {
        await using var server = await TestServer.StartAsync();
        var bans = server.Services.GetRequiredService<BanList>();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => bans.Add(Ban($"192.0.2.{i}", null) with { Id = $"{i}" }))));
        Assert.Equal(200, bans.Bans.Count);
    }

    [Fact]
    public async Task An_IPv6_network_does_not_ban_IPv4_addresses()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await ServedClient.ConnectAsync(server.EndPoint);
        var bans = server.Services.GetRequiredService<BanList>();
        Assert.Equal(0, bans.Add(Ban("::/0", null)));
        await using var welcome = await ServedClient.ConnectAsync(server.EndPoint);
        Assert.Equal(2, bans.Add(Ban("::ffff:127.0.0.0/104", null)));
    }

    [Fact]
    public async Task A_ban_ends_who_is_connected_and_refuses_who_comes_until_it_expires()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(time: time);
        var bans = server.Services.GetRequiredService<BanList>();
        await using var client = await ServedClient.ConnectAsync(server.EndPoint, time);
        Assert.Equal(1, bans.Add(Ban("127.0.0.0/8", time.GetUtcNow() + TimeSpan.FromMinutes(1))));
        await client.ReadToEndAsync();
        Assert.Equal(CloseReason.Banned, (await server.FirstClosedAsync()).Reason);
        await using var next = await WireClient.ConnectAsync(server.EndPoint);
        Assert.Null(await next.ReadPayloadAsync()); // the server refuses the client before its first message
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(bans.Bans);
        await using var later = await ServedClient.ConnectAsync(server.EndPoint, time);
    }

    [Fact]
    public async Task A_ban_is_lifted()
    {
        await using var server = await TestServer.StartAsync();
        var bans = server.Services.GetRequiredService<BanList>();
        bans.Add(Ban("127.0.0.1", null) with { Id = "a" });
        bans.Add(Ban("192.0.2.0/24", null) with { Id = "b" });
        await using (var refused = await WireClient.ConnectAsync(server.EndPoint))
        {
            Assert.Null(await refused.ReadPayloadAsync());
        }

        Assert.True(bans.Remove("a"));
        Assert.False(bans.Remove("a"));
        await using var client = await ServedClient.ConnectAsync(server.EndPoint);
        Assert.Equal("b", Assert.Single(bans.Bans).Id);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("192.0.2.0/24", "192.0.2.0/24")]
    [InlineData(" ::ffff:192.0.2.7 ", "192.0.2.7")]
    [InlineData("2001:db8::/64", "2001:db8::/64")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("cn:sensor 7", "cn:sensor 7")]
    [InlineData("dns:sensor-7.example", "dns:sensor-7.example")]
    [InlineData(" uri:spiffe://example/sensor-7 ", "uri:spiffe://example/sensor-7")]
    [InlineData("uid:1000", "uid:1000")]
    [InlineData("dns:Sensor-7.Example", "dns:sensor-7.example")]
    [InlineData("::ffff:127.0.0.0/104", "127.0.0.0/8")]
    [InlineData(
        "aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Targets_of_bans_are_read(string text, string canonical)
    {
        Assert.True(BanTarget.TryParse(text, out var target, out _));
        Assert.Equal(canonical, target.ToString());
    }

    [Theory]
    [InlineData("", "neither an address")]
    [InlineData("1", "neither an address")]
    [InlineData("192.0.2.7/33", "neither an address")]
    [InlineData("192.0.2.7/24", "Use 192.0.2.0/24 for the network")]
    [InlineData("aaaa", "neither an address")]
    [InlineData("cn:", "neither an address")]
    [InlineData("uid:root", "neither an address")]
    [InlineData("uid:01000", "neither an address")]
    [InlineData("sensor-7", "a client's name (cn:sensor-7,")]
    public void Others_are_refused_with_what_would_be_right(string text, string problem)
    {
        Assert.False(BanTarget.TryParse(text, out _, out var said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ban_concerns_exactly_the_addresses_of_its_network() => CsCheck.Check.Sample(
        CsCheck.Gen.Select(CsCheck.Gen.UInt, CsCheck.Gen.UInt, CsCheck.Gen.Int[0, 32], CsCheck.Gen.Bool),
        (banned, other, length, near) =>
        {
            var mask = length == 0 ? 0 : uint.MaxValue << (32 - length);
            var asked = near ? banned ^ (other & ~mask) : other;
            var network = Target(new IPNetwork(Address(banned & mask), length).ToString()).Network!.Value;
            return ((banned ^ asked) & mask) == 0
                == (ClientAddress.Prefix(Address(asked), length) == ClientAddress.Prefix(network.BaseAddress, length));
        });

    private static IPAddress Address(uint number) => new(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(number));

    private static BanTarget Target(string text)
    {
        Assert.True(BanTarget.TryParse(text, out var target, out _));
        return target;
    }

    private static Ban Ban(string target, DateTimeOffset? expires) => new("id", Target(target), "a test", "tester", default, expires);
}
