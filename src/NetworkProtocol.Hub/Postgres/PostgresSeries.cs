namespace NetworkProtocol.Hub.Postgres;

/// <summary>The number of a series; 0 until the transaction that begins the series has inserted it.</summary>
internal sealed class PostgresSeries
{
    public long Id { get; set; }
}
