using Microsoft.Extensions.Options;
using NetworkProtocol.Client;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Upstreams;

/// <summary>Forwards commands to other servers: each upstream has a pool of connections, and a circuit breaker for each address.</summary>
internal static class UpstreamExtensions
{
    private const string UpstreamError = "upstream";
    private const string Breakers = "NetworkProtocol:Breakers";

    public static void AddUpstreams(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSection<UpstreamsOptions>(UpstreamsOptions.Section);
        services.AddSection<BreakerOptions>(Breakers);
        services.AddSingleton<IValidateOptions<UpstreamsOptions>, UpstreamsOptionsValidator>();
        services.AddSingleton<BreakerBoard>();
        var upstreams = configuration.Read<UpstreamsOptions>(UpstreamsOptions.Section)
            .Where(pair => !UpstreamsOptionsValidator.Check("", pair.Value).Any());
        foreach (var (name, upstream) in upstreams)
        {
            services.AddNetworkProtocolClient(name, client => Configure(client, upstream, configuration.Read<BreakerOptions>(Breakers)));
            services.AddHealthChecks().AddNetworkProtocolClient(name);
        }
    }

    public static void MapUpstreams(this WebApplication app)
    {
        foreach (var (name, upstream) in app.Services.GetRequiredService<IOptions<UpstreamsOptions>>().Value)
        {
            var client = app.Services.GetRequiredKeyedService<ProtocolClient>(name);
            app.Services.GetRequiredService<BreakerBoard>().Add(client);
            var errors = app.Services.GetRequiredService<ErrorLog>();
            errors.Show(UpstreamError);
            foreach (var command in upstream.Commands)
            {
                app.MapCommand(command, (context, cancellationToken) => ForwardAsync(client, errors, context, cancellationToken));
            }
        }
    }

    private static async ValueTask<Message?> ForwardAsync(
        ProtocolClient client, ErrorLog errors, CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await client.RequestAsync(new Message.Custom(context.Command, context.Payload), cancellationToken);
        }
        catch (ProtocolClientException e) when (e.Kind == ProtocolErrorKind.Remote)
        {
            return Message.Custom.Error(e.Message);
        }
        catch (ProtocolClientException e)
        {
            errors.Add(UpstreamError, context.Connection, $"{client.Name}: {e.Message}");
            return Message.Custom.Error($"{context.Command} cannot be answered at the moment: {client.Name} is not available");
        }
    }

    private static void Configure(ProtocolClientOptions client, UpstreamOptions upstream, BreakerOptions breaker)
    {
        foreach (var address in upstream.Addresses)
        {
            client.Addresses.Add(address);
        }

        client.Connection.Transport = upstream.Transport;
        client.Connection.Tls.TrustedCertificatesPath = NullIfEmpty(upstream.CaPath);
        client.Connection.Tls.ClientCertificatePath = NullIfEmpty(upstream.CertificatePath);
        client.Connection.Tls.ClientKeyPath = NullIfEmpty(upstream.KeyPath);
        client.Breaker = breaker;
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
