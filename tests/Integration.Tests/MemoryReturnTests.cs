using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Memory;

namespace Integration.Tests;

/// <summary>The times when the server gives memory back, although a stranger can open and close many connections at any time.</summary>
public sealed class MemoryReturnTests
{
    private const long Crowd = 1_000;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task It_is_given_back_once_a_crowd_has_gone_and_once_an_interval()
    {
        var memory = Create(Minute);
        memory.Check(Crowd);
        Assert.Same(Task.CompletedTask, memory.Working); // connections still arrive
        memory.Check(Crowd);
        var collection = memory.Working;
        Assert.NotSame(Task.CompletedTask, collection);
        await collection;
        memory.Check(Crowd);
        var rest = memory.Working;
        Assert.NotSame(collection, rest);
        await rest;

        memory.Check(2 * Crowd);
        memory.Check(2 * Crowd);
        Assert.Same(rest, memory.Working);
        _time.Advance(Minute);
        memory.Check(2 * Crowd);
        Assert.NotSame(rest, memory.Working);
        await memory.Working;
    }

    [Theory]
    [InlineData(100, 15, false)]
    [InlineData(40, 16, true)]
    [InlineData(60, 16, false)]
    [InlineData(500, 468, true)]
    public void A_pause_is_made_only_where_it_is_short_and_brings_something(long heapMiB, long freeMiB, bool isMade) =>
        Assert.Equal(isMade, MemoryReturn.IsWorthwhile(heapMiB << 20, freeMiB << 20));

    [Theory]
    [InlineData("00:00:00.500")]
    [InlineData("2.00:00:00")]
    [InlineData("-00:00:01")]
    public void An_interval_out_of_range_is_refused(string interval)
    {
        var options = new ServerOptions
        {
            MemoryReturnInterval = TimeSpan.Parse(interval, System.Globalization.CultureInfo.InvariantCulture),
            Tls = { Mode = TlsMode.Disabled },
        };
        Assert.Contains(
            "MemoryReturnInterval", new ServerOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_leaves_the_collector_alone()
    {
        var memory = Create(new ServerOptions().MemoryReturnInterval);
        memory.Check(Crowd);
        memory.Check(Crowd);
        Assert.Same(Task.CompletedTask, memory.Working);
    }

    private MemoryReturn Create(TimeSpan interval) =>
        new(Options.Create(new ServerOptions { MemoryReturnInterval = interval }), _time, NullLogger<MemoryReturn>.Instance);
}
