namespace NetworkProtocol.Forwarding;

/// <summary>A message of a batch.</summary>
/// <param name="Sequence">The sequence number, from 1.</param>
/// <param name="Time">Milliseconds since 1970-01-01 UTC.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Payload">The payload.</param>
public readonly record struct BatchMessage(long Sequence, long Time, string Topic, ReadOnlyMemory<byte> Payload);
