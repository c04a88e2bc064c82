using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NetworkProtocol.Hub;
using NetworkProtocol.Web.Node;

namespace Integration.Tests.Hub;

public sealed class HubGrowthTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_growth_is_that_of_the_last_day_and_unknown_for_ten_minutes()
    {
        using var growth = new HubGrowth(
            Options.Create(new HubOptions()), new NoHubStore(), TimeProvider.System, NullLogger<HubGrowth>.Instance);
        Assert.Null(growth.BytesPerDay);
        growth.Add(Start, 1000);
        growth.Add(Start.AddMinutes(9), 2000);
        Assert.Null(growth.BytesPerDay);
        growth.Add(Start.AddHours(12), 6000);
        Assert.Equal(10_000, growth.BytesPerDay);
        growth.Add(Start.AddHours(36), 7000);
        Assert.Equal(1000, growth.BytesPerDay); // the first hours are more than a day ago
    }
}
