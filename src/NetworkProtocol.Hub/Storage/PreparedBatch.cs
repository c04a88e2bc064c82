using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Values;

namespace NetworkProtocol.Hub.Storage;

/// <summary>A batch whose payloads have been read, by the thread of the connection, so that a writer has less to do.</summary>
internal sealed class PreparedBatch
{
    private readonly PayloadValues[] _values;

    /// <param name="batch">The batch.</param>
    /// <param name="arrival">When it arrived, in milliseconds since 1970-01-01 UTC.</param>
    public PreparedBatch(Batch batch, long arrival)
    {
        Batch = batch;
        _values = new PayloadValues[batch.Messages.Count];
        for (var i = 0; i < _values.Length; i++)
        {
            _values[i] = Read(batch.Messages[i], arrival);
            Weight += Math.Max(1, _values[i].Rows);
        }
    }

    public Batch Batch { get; }

    /// <summary>How much of a transaction the batch takes: its values, and 1 for a message that has none.</summary>
    public int Weight { get; }

    public PayloadValues this[int message] => _values[message];

    private PayloadValues Read(in BatchMessage message, long arrival)
    {
        if (Weight >= PayloadLimits.MaxValuesOfBatch)
        {
            return TooMany;
        }

        var values = PayloadValues.Read(message.Payload, message.Time, arrival);
        return Weight + values.Rows > PayloadLimits.MaxValuesOfBatch ? TooMany : values;
    }

    private static PayloadValues TooMany =>
        PayloadValues.Dead($"The messages before it in the batch leave no room: a batch may have {PayloadLimits.MaxValuesOfBatch} values.");
}
