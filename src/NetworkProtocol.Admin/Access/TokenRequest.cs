namespace NetworkProtocol.Admin;

/// <summary>The token to create.</summary>
public sealed record TokenRequest(
    [property: Field("The name of the new token; 1 to 64 characters.", "robot")] string Name,
    [property: Field("What the token may do: viewer or operator.", "viewer")] Role Role,
    [property: Field("How long the token works, as hh:mm:ss or d.hh:mm:ss.", "90.00:00:00")] TimeSpan Lifetime);
