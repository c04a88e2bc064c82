using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using NetworkProtocol.Edge;
using NetworkProtocol.Server;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web;

/// <summary>Prints where the program listens, the link to sign in, and a command to try.</summary>
internal static class StartLines
{
    private const string Echo = "dotnet run --project src/NetworkProtocol.Cli -- echo";

    /// <summary>Queues the lines, so that the start does not wait for a slow reader of standard output.</summary>
    public static void Print(IServiceProvider services)
    {
        var format = services.GetRequiredService<IOptions<LogOptions>>().Value.Format;
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var output = services.GetRequiredService<StandardOutput>();
        foreach (var line in Lines(services))
        {
            output.Print(format == LogFormat.Json ? Json(line, now) : line);
        }
    }

    // The line has the form of a log event, but is not logged: the link signs in, and must not be stored in log files.
    private static string Json(string line, DateTimeOffset now) =>
        new JsonObject { ["@t"] = now.UtcDateTime.ToString("O"), ["@m"] = line }.ToJsonString();

    private static IEnumerable<string> Lines(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ServerOptions>>().Value;
        var endPoint = services.GetRequiredService<ServerState>().EndPoint!;
        var addresses = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var http = addresses.First();
        yield return $"Protocol  {endPoint} (TLS {options.Tls.Mode})";
        var link = services.GetRequiredService<SignInLink>();
        var console = http.Replace("0.0.0.0", "localhost", StringComparison.Ordinal).Replace("[::]", "localhost", StringComparison.Ordinal);
        yield return link.IsNeeded ? $"Console   {console}{link.Path} (works once, within an hour)" : $"Console   {console}";
        yield return $"HTTP      {http} (/health, /ready, /in-service, /metrics)";
        foreach (var challenges in addresses.Skip(1))
        {
            yield return $"ACME      {challenges} (/.well-known/acme-challenge)";
        }

        var edge = services.GetRequiredService<IOptions<EdgeOptions>>().Value;
        foreach (var local in services.GetRequiredService<ServerState>().LocalSockets)
        {
            yield return edge.HubAddress.Length > 0 && local == edge.LocalSocket
                ? $"Sensors   unix:{local} (to the hub {edge.HubAddress})"
                : $"Local     unix:{local}";
        }

        var isAny = endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any);
        var target = $"{(isAny ? "localhost" : endPoint.Address)}:{endPoint.Port}";
        if (services.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            var trust = options.Tls.Mode == TlsMode.Disabled ? "--plain" : $"--ca {options.Tls.CertificatePath}";
            yield return $"Try       {Echo} {target} hello {trust}";
            if (options.Tls.Mode == TlsMode.Optional)
            {
                yield return $"or        {Echo} {target} hello --plain";
            }
        }
    }
}
