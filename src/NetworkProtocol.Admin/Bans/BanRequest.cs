namespace NetworkProtocol.Admin;

/// <summary>The ban to add.</summary>
public sealed record BanRequest(
    [property: Field(
        "An address, a network in CIDR notation, a client's name as cn:orders-1, or the SHA-256 of its certificate.", "192.0.2.0/24")]
    string Target,
    [property: Field("The reason of the ban, for other operators; 1 to 200 characters.", "floods us")] string Reason,
    [property: Field("How long the ban lasts, as hh:mm:ss or d.hh:mm:ss; null or missing for a ban without an end.", "01:00:00")]
    TimeSpan? Duration = null)
{
    /// <summary>The most characters of a reason.</summary>
    public const int MaxReasonLength = 200;
}
