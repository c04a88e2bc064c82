using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using NetworkProtocol.Web.Admin.Access;

namespace NetworkProtocol.Web;

/// <summary>Says where the program listens and what to try next.</summary>
internal static class StartLines
{
    private const string Echo = "dotnet run --project src/NetworkProtocol.Cli -- echo";

    public static void Print(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ServerOptions>>().Value;
        var endPoint = services.GetRequiredService<ServerState>().EndPoint!;
        var addresses = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var http = addresses.First();
        Console.WriteLine($"Protocol  {endPoint} (TLS {options.Tls.Mode})");
        var link = services.GetRequiredService<SignInLink>();
        var console = http.Replace("0.0.0.0", "localhost", StringComparison.Ordinal).Replace("[::]", "localhost", StringComparison.Ordinal);
        Console.WriteLine(link.IsNeeded ? $"Console   {console}{link.Path} (works once, within an hour)" : $"Console   {console}");
        Console.WriteLine($"HTTP      {http} (/health, /ready, /in-service, /metrics)");
        foreach (var challenges in addresses.Skip(1))
        {
            Console.WriteLine($"ACME      {challenges} (/.well-known/acme-challenge)");
        }

        if (options.LocalSocket.Length > 0)
        {
            Console.WriteLine($"Local     unix:{options.LocalSocket}");
        }

        var target = $"{(endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any) ? "localhost" : endPoint.Address)}:{endPoint.Port}";
        if (services.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            var trust = options.Tls.Mode == TlsMode.Disabled ? "--plain" : $"--ca {options.Tls.CertificatePath}";
            Console.WriteLine($"Try       {Echo} {target} hello {trust}");
            if (options.Tls.Mode == TlsMode.Optional)
            {
                Console.WriteLine($"or        {Echo} {target} hello --plain");
            }
        }
    }
}
