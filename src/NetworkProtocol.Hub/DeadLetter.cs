namespace NetworkProtocol.Hub;

/// <summary>A message that could not become readings.</summary>
/// <param name="Source">The name of the source.</param>
/// <param name="Sequence">The sequence number.</param>
/// <param name="Time">The message's time.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Payload">The payload.</param>
/// <param name="Reason">Why the message was put aside.</param>
public sealed record DeadLetter(
    string Source, long Sequence, DateTimeOffset Time, string Topic, ReadOnlyMemory<byte> Payload, string Reason);
