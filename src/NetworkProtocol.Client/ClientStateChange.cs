namespace NetworkProtocol.Client;

/// <summary>One change of a <see cref="ProtocolClient"/>'s state.</summary>
/// <param name="At">The time of the change.</param>
/// <param name="State">The state after the change.</param>
/// <param name="Address">The server whose connection was made or lost; null if the change is not about one server.</param>
/// <param name="Error">The error that led to the change; null if none did.</param>
public sealed record ClientStateChange(DateTimeOffset At, ClientState State, ServerAddress? Address, ProtocolClientException? Error);
