using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Client;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Edge;

/// <summary>The edge's client of its hub, and the name under which the edge sends.</summary>
public sealed class EdgeUplink : IAsyncDisposable
{
    /// <summary>The client's name, which begins the name of its circuit breaker: <c>uplink:host:port</c>.</summary>
    public const string ClientName = "uplink";

    /// <summary>Makes the client. It connects when the edge starts.</summary>
    /// <param name="options">The edge's settings; <see cref="EdgeOptions.HubAddress"/> must be set.</param>
    /// <param name="breaker">The settings of the circuit breaker.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The client's log.</param>
    public EdgeUplink(IOptions<EdgeOptions> options, IOptions<BreakerOptions> breaker, TimeProvider time, ILogger<ProtocolClient> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(breaker);
        (Source, Client) = Create(options.Value, ClientName, breaker.Value, time, logger);
    }

    internal EdgeUplink(EdgeOptions options, string clientName, BreakerOptions breaker, TimeProvider time, ILogger<ProtocolClient> logger)
    {
        (Source, Client) = Create(options, clientName, breaker, time, logger);
    }

    /// <summary>The name of the source.</summary>
    public string Source { get; }

    /// <summary>The client.</summary>
    public ProtocolClient Client { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Client.DisposeAsync();

    private static (string Source, ProtocolClient Client) Create(
        EdgeOptions edge, string name, BreakerOptions breaker, TimeProvider time, ILogger<ProtocolClient> logger)
    {
        var client = new ProtocolClient(
            new ProtocolClientOptions
            {
                Name = name,
                Addresses = [edge.HubAddress],
                WaitTimeout = edge.ConnectionTimeout,
                Breaker = breaker,
                Pool = { MinConnections = 2, MaxConnections = 2 }, // an alarm does not wait behind a batch of bulk messages
                Connection =
                {
                    Transport = edge.Transport,
                    ConnectTimeout = edge.ConnectionTimeout,
                    RequestTimeout = edge.ConnectionTimeout,
                    TimeProvider = time,
                    Tls =
                    {
                        TrustedCertificatesPath = NullIfEmpty(edge.CaPath),
                        ClientCertificatePath = NullIfEmpty(edge.CertificatePath),
                        ClientKeyPath = NullIfEmpty(edge.KeyPath),
                    },
                },
            },
            logger);
        return (SourceOf(edge), client);
    }

    private static string SourceOf(EdgeOptions edge)
    {
        if (edge.Source.Length > 0)
        {
            return edge.Source;
        }

        if (edge.CertificatePath.Length == 0)
        {
            return Environment.MachineName;
        }

        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(edge.CertificatePath));
        return ClientIdentity.OfCertificate(certificate) is { Name.Length: > 0 } identity ? identity.Name : Environment.MachineName;
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
