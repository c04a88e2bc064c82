using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Values;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>A batch whose payloads have been read, by the thread of the connection, so that the one writer has less to do.</summary>
internal sealed class PreparedBatch(Batch batch)
{
    public Batch Batch { get; } = batch;

    public PayloadValues[] Values { get; } =
        [.. batch.Messages.Select(message => PayloadValues.Read(message.Payload, message.Time))];
}
