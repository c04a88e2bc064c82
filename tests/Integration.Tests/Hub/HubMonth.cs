using System.Globalization;
using System.Text;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Hub;

/// <summary>Gives a hub a month of data: two sensors in each of three edges, with a loss and an alarm.</summary>
internal static class HubMonth
{
    public static async Task FillAsync(ServerProcess server)
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var source in (string[])["edge1", "edge2", "greenhouse"])
        {
            await using var feed = await HubFeed.ConnectAsync(server, source);
            await feed.SendAsync(Enumerable.Range(0, 2880).Reverse().SelectMany(quarter => new[]
            {
                Reading("room1/temperature", now.AddMinutes(-15 * quarter),
                    21 + (4 * Math.Sin(quarter / 15.3)) + (quarter * 7919 % 11 * 0.2)),
                Reading("room1/humidity", now.AddMinutes(-15 * quarter), 45 + (8 * Math.Cos(quarter / 30.0))),
            }));
            await feed.SendAsync(Enumerable.Range(0, 60).Reverse().Select(minute =>
                Reading("room2/lab/pressure", now.AddMinutes(-minute), 1013 + Math.Sin(minute))));
            await feed.SendAsync("door", now, "open");
            if (source == "edge1")
            {
                await feed.SendAsync([Reading("fire", now, 1)], Lane.Alarm);
                var first = (2 * 2880) + 60 + 1 + 1;
                await feed.SendAsync(new Batch(source, Lane.Bulk, 1, first, [], [new Loss(first, 3, LossReason.Full)]));
            }
        }
    }

    private static (string Topic, DateTimeOffset Time, ReadOnlyMemory<byte> Payload) Reading(
        string topic, DateTimeOffset time, double value) =>
        (topic, time, Encoding.UTF8.GetBytes(value.ToString("0.##", CultureInfo.InvariantCulture)));
}
