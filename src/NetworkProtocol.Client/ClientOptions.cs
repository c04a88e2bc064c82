namespace NetworkProtocol.Client;

/// <summary>How to connect and how long to wait. The defaults suit a server whose certificate the system trusts.</summary>
public sealed class ClientOptions
{
    /// <summary>What protects a TCP connection; a Unix socket ignores it. Default <see cref="ClientTransport.Tls"/>.</summary>
    public ClientTransport Transport { get; set; } = ClientTransport.Tls;

    /// <summary>
    /// For name lookup, connection and handshake together: more than zero and at most 24 days, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>. Default 5 s.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// For one request, waiting for its turn included: more than zero and at most 24 days, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>. Default 30 s.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests that may be without an answer at once, 1 to 1,000,000; further ones wait. Default 1024.</summary>
    public int MaxRequestsInFlight { get; set; } = 1024;

    /// <summary>
    /// A PEM file: the authorities (or the self-signed certificate) that the server's certificate may come from,
    /// in place of the system's. The name must still match. Default null: the system's authorities.
    /// </summary>
    public string? TrustedCertificatesPath { get; set; }

    /// <summary>A PEM file: the client's certificate, then its chain. Default null: none is shown.</summary>
    public string? ClientCertificatePath { get; set; }

    /// <summary>
    /// A PEM file: the client's private key, not encrypted. Default null: it is in <see cref="ClientCertificatePath"/>'s file.
    /// </summary>
    public string? ClientKeyPath { get; set; }

    /// <summary>Accept any server certificate, which gives up knowing who the server is: for tests only. Default false.</summary>
    public bool AllowUntrustedServer { get; set; }

    /// <summary>The name that the server's certificate must carry, also sent as SNI. Default null: the address's host.</summary>
    public string? ServerName { get; set; }

    /// <summary>The clock for time limits and for the handshake's timestamp. Default <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal ClientOptions Validated()
    {
        CheckTimeout(ConnectTimeout, nameof(ConnectTimeout));
        CheckTimeout(RequestTimeout, nameof(RequestTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequestsInFlight, 1, nameof(MaxRequestsInFlight));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxRequestsInFlight, 1_000_000, nameof(MaxRequestsInFlight));
        ArgumentNullException.ThrowIfNull(TimeProvider, nameof(TimeProvider));
        if (!Enum.IsDefined(Transport))
        {
            throw new ArgumentOutOfRangeException(nameof(Transport), Transport, "No such transport.");
        }

        if (ClientKeyPath is not null && ClientCertificatePath is null)
        {
            throw new ArgumentException($"{nameof(ClientKeyPath)} needs {nameof(ClientCertificatePath)}.", nameof(ClientKeyPath));
        }

        // A copy, so that later changes have no effect on an open connection.
        return (ClientOptions)MemberwiseClone();
    }

    private static void CheckTimeout(TimeSpan value, string name)
    {
        if (value != Timeout.InfiniteTimeSpan && (value <= TimeSpan.Zero || value > TimeSpan.FromDays(24)))
        {
            throw new ArgumentOutOfRangeException(name, value, "A timeout is more than zero and at most 24 days, or infinite.");
        }
    }
}
