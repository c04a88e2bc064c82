using System.Net.Http.Headers;
using Microsoft.AspNetCore.Identity;

namespace Integration.Tests.Console;

/// <summary>The program with its console, and the users that tests give it.</summary>
internal static class ConsoleServer
{
    public const string Password = "correct horse battery staple";

    /// <summary>The hash of <see cref="Password"/>.</summary>
    public static string Hash { get; } = new PasswordHasher<string>().HashPassword("", Password);

    /// <summary>Starts the node <c>node-1</c> without TLS.</summary>
    public static Task<ServerProcess> StartAsync(params string[] more) =>
        ServerProcess.StartAsync(["--NetworkProtocol:Server:Tls:Mode=Disabled", "--NetworkProtocol:Cluster:NodeId=node-1", .. more]);

    public static HttpClient WithToken(ServerProcess server, string token) => new()
    {
        BaseAddress = server.Http,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };
}
