using System.Globalization;
using System.Text;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Hub;

/// <summary>Batches as an edge makes them.</summary>
internal static class Batches
{
    /// <summary>The time of message 0; one message a second follows.</summary>
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    /// <summary>A batch of <paramref name="count"/> numbers, each the value of its message unless it is a loss.</summary>
    public static Batch Of(long epoch, long first, int count, Func<long, bool>? isLoss = null, string source = "edge")
    {
        var numbers = Enumerable.Range(0, count).Select(i => first + i).ToLookup(number => isLoss?.Invoke(number) == true);
        return new Batch(
            source,
            Lane.Bulk,
            epoch,
            first,
            [.. numbers[false].Select(number => Message(number, number.ToString(CultureInfo.InvariantCulture)))],
            [.. numbers[true].Select(number => new Loss(number, 1, LossReason.Full))]);
    }

    /// <summary>A batch of messages with these payloads.</summary>
    public static Batch OfTexts(long first, params string[] payloads) => new(
        "edge", Lane.Bulk, 1, first, [.. payloads.Select((payload, i) => Message(first + i, payload))], []);

    public static BatchMessage Message(long sequence, string payload, string topic = "room/temperature") => new(
        sequence, Start.AddSeconds(sequence).ToUnixTimeMilliseconds(), topic, Encoding.UTF8.GetBytes(payload));
}
