using System.Net;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;

namespace Integration.Tests.Console;

/// <summary>The order of password checks while a stranger with many addresses asks for all of them.</summary>
public sealed class SignInQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("198.51.100.7", "10.0.{0}.{1}", 1_648)] // some /24s
    [InlineData("10.0.99.7", "10.0.{0}.{1}", 1_648)] // in the operator's own /16
    [InlineData("10.0.3.255", "10.0.3.{1}", 250)] // in the operator's own /24
    [InlineData("2001:db9::7", "2001:db8:{0:x}:{1:x}::1", 1_648)] // a /32
    public async Task An_operator_gets_in_while_a_stranger_asks_from_many_addresses(string honest, string stranger, int addresses)
    {
        var queue = new SignInQueue();
        var first = await queue.WaitForTurnAsync(IPAddress.Parse("203.0.113.1"), isKnown: false, CancellationToken.None);
        var strangers = Enumerable.Range(0, addresses)
            .Select(i => IPAddress.Parse(string.Format(System.Globalization.CultureInfo.InvariantCulture, stranger, i / 250, i % 250)))
            .Select(address => HoldAsync(queue, address)).ToArray();
        var operators = queue.WaitForTurnAsync(IPAddress.Parse(honest), isKnown: false, CancellationToken.None);
        var more = strangers.Take(addresses / 2).Select((_, i) => HoldAsync(
            queue, IPAddress.Parse(
                string.Format(System.Globalization.CultureInfo.InvariantCulture, stranger, i / 250, i % 250)))).ToArray();
        first!.Dispose();
        using var turn = await operators.WaitAsync(Patience);
        // A user in the stranger's /24 gets a turn only by chance. A known browser always gets one.
        if (!stranger.StartsWith("10.0.3.", StringComparison.Ordinal))
        {
            Assert.NotNull(turn);
        }

        turn?.Dispose();
        await Task.WhenAll([.. strangers, .. more]).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_known_browser_goes_before_strangers_whatever_its_network_and_loses_its_place_to_none()
    {
        var queue = new SignInQueue();
        var first = await queue.WaitForTurnAsync(IPAddress.Parse("10.0.3.1"), isKnown: false, CancellationToken.None);
        var strangers = Enumerable.Range(0, 250).Select(i => HoldAsync(queue, IPAddress.Parse($"10.0.3.{i}"))).ToArray();
        var known = queue.WaitForTurnAsync(IPAddress.Parse("10.0.3.1"), isKnown: true, CancellationToken.None);
        var more = Enumerable.Range(0, 250).Select(i => HoldAsync(queue, IPAddress.Parse($"10.{i}.3.1"))).ToArray();
        first!.Dispose();
        using (var turn = await known.WaitAsync(Patience))
        {
            Assert.NotNull(turn);
        }

        var turns = await Task.WhenAll([.. strangers, .. more]).WaitAsync(Patience);
        Assert.Equal(SignInQueue.Capacity - 1, turns.Count(had => had));
    }

    [Fact]
    public async Task A_user_who_disconnects_while_waiting_takes_no_turn()
    {
        var queue = new SignInQueue();
        var first = await queue.WaitForTurnAsync(null, isKnown: false, CancellationToken.None);
        using var disconnected = new CancellationTokenSource();
        var gone = queue.WaitForTurnAsync(null, isKnown: false, disconnected.Token);
        var next = queue.WaitForTurnAsync(IPAddress.Loopback, isKnown: false, CancellationToken.None);
        await disconnected.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.False(next.IsCompleted); // one at a time
        first!.Dispose();
        first.Dispose();
        Assert.NotNull(await next.WaitAsync(Patience));
    }

    private static async Task<bool> HoldAsync(SignInQueue queue, IPAddress address)
    {
        using var turn = await queue.WaitForTurnAsync(address, isKnown: false, CancellationToken.None);
        return turn is not null;
    }
}
