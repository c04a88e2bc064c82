using Microsoft.Data.Sqlite;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>A message as it was read from the buffer's file.</summary>
/// <param name="Sequence">The sequence number.</param>
/// <param name="Time">Milliseconds since 1970-01-01 UTC.</param>
/// <param name="Expires">When the message is no longer worth sending, in the same unit; null: never.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Payload">The payload.</param>
/// <param name="Checksum">The checksum that was written with it.</param>
internal sealed record BufferRow(long Sequence, long Time, long? Expires, string Topic, byte[] Payload, uint Checksum)
{
    /// <summary>Whether the row is what was written.</summary>
    public bool IsIntact => Forwarding.MessageChecksum.Compute(
        Sequence, Time, System.Text.Encoding.UTF8.GetBytes(Topic), Payload) == Checksum;

    /// <summary>
    /// Reads the columns id, time, expires, topic, payload and checksum. A flipped bit may have made another type of any of them.
    /// </summary>
    public static BufferRow Read(SqliteDataReader reader) => new(
        RowId.SequenceOf(reader.GetInt64(0)),
        reader.IsDBNull(1) ? 0 : reader.GetInt64(1),
        reader.IsDBNull(2) ? null : reader.GetInt64(2),
        reader.IsDBNull(3) ? "" : reader.GetString(3),
        reader.IsDBNull(4) ? [] : reader.GetFieldValue<byte[]>(4),
        unchecked((uint)(reader.IsDBNull(5) ? 0 : reader.GetInt64(5))));
}
