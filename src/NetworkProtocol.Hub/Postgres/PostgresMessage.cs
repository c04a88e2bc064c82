using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Storage;
using NetworkProtocol.Hub.Values;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>A message that is new, with its place in the store.</summary>
internal readonly record struct PostgresMessage(
    SourceRow Source, LaneRow Lane, long Stream, BatchMessage Message, PayloadValues Values, long Now)
{
    /// <summary>The beginnings of the days that the message has values of.</summary>
    public IEnumerable<long> Days()
    {
        if (Values.KeepsBytes)
        {
            yield return PostgresPartition.StartOfDay(Message.Time);
        }

        for (var i = 0; i < Values.Count; i++)
        {
            yield return PostgresPartition.StartOfDay(Values[i].Time);
        }
    }

    /// <summary>The fields whose series the message needs.</summary>
    public IEnumerable<string> Fields()
    {
        if (Values.KeepsBytes)
        {
            yield return "";
        }

        if (Values.Rollup is { } rollup)
        {
            yield return rollup.Field;
        }

        for (var i = 0; i < Values.Count; i++)
        {
            yield return Values[i].Field;
        }
    }
}
