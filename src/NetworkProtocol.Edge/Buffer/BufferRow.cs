namespace NetworkProtocol.Edge.Buffer;

/// <summary>A message as it was read from the buffer's file.</summary>
/// <param name="Sequence">The sequence number.</param>
/// <param name="Time">Milliseconds since 1970-01-01 UTC.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Payload">The payload.</param>
/// <param name="Checksum">The checksum that was written with it.</param>
internal sealed record BufferRow(long Sequence, long Time, string Topic, byte[] Payload, uint Checksum)
{
    /// <summary>Whether the row is what was written.</summary>
    public bool IsIntact => Forwarding.MessageChecksum.Compute(
        Sequence, Time, System.Text.Encoding.UTF8.GetBytes(Topic), Payload) == Checksum;
}
