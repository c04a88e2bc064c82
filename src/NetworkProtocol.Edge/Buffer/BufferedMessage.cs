namespace NetworkProtocol.Edge.Buffer;

/// <summary>A message on its way into the buffer, with everything resolved that the sensor may leave open.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Time">Milliseconds since 1970-01-01 UTC.</param>
/// <param name="Expires">When the message is no longer worth sending, in the same unit; null: never.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Payload">The payload.</param>
internal sealed record BufferedMessage(
    Forwarding.Lane Lane, long Time, long? Expires, string Topic, ReadOnlyMemory<byte> Payload)
{
    /// <summary>What a message costs besides its topic and payload: the columns of its row, and its entry in the tree.</summary>
    public const int Overhead = 40;

    /// <summary>The bytes that count towards <see cref="EdgeOptions.OfflineBufferBytes"/>.</summary>
    public long Bytes => System.Text.Encoding.UTF8.GetByteCount(Topic) + Payload.Length + Overhead;

    /// <summary>Resolves what a publication leaves open.</summary>
    public static BufferedMessage Of(Forwarding.Publication publication, DateTimeOffset now) => new(
        publication.Lane,
        (publication.Time ?? now).ToUnixTimeMilliseconds(),
        publication.TimeToLive is { } timeToLive ? (now + timeToLive).ToUnixTimeMilliseconds() : null,
        publication.Topic,
        publication.Payload);
}
