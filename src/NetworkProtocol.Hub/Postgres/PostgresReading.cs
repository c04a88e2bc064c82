namespace NetworkProtocol.Hub.Postgres;

/// <summary>A row of the readings: <paramref name="Value"/>, or <paramref name="Payload"/> if that is null.</summary>
internal readonly record struct PostgresReading(
    PostgresSeries Series, long Time, long Stream, long Sequence, int Part, double? Value, ReadOnlyMemory<byte> Payload);
