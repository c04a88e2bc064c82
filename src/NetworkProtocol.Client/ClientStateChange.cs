namespace NetworkProtocol.Client;

/// <summary>One change of a <see cref="ProtocolClient"/>'s state.</summary>
/// <param name="At">When.</param>
/// <param name="State">The state since.</param>
/// <param name="Address">The server that it is about, if one.</param>
/// <param name="Error">Why, if something failed.</param>
public sealed record ClientStateChange(DateTimeOffset At, ClientState State, ServerAddress? Address, ProtocolClientException? Error);
