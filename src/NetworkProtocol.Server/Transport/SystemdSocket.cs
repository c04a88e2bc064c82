namespace NetworkProtocol.Server.Transport;

/// <summary>A listening socket that systemd holds.</summary>
/// <param name="Descriptor">The socket's descriptor.</param>
/// <param name="LocalPath">The path of a Unix socket; null for TCP.</param>
internal sealed record SystemdSocket(int Descriptor, string? LocalPath);
