namespace NetworkProtocol.Admin;

/// <summary>The drain to start.</summary>
public sealed record DrainRequest(
    [property: Field("The number of connections to tell to disconnect each second, 1 to 100000.", 100)] int PerSecond,
    [property: Field("The time after which the server ends the remaining connections, as hh:mm:ss.", "00:05:00")] TimeSpan Deadline);
