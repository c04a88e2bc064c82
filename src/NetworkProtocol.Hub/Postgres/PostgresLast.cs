namespace NetworkProtocol.Hub.Postgres;

/// <summary>The last value of a series: <paramref name="Value"/>, or <paramref name="Payload"/> if that is null.</summary>
internal readonly record struct PostgresLast(string Unit, long Time, double? Value, ReadOnlyMemory<byte> Payload);
