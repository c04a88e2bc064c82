using System.Net;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web;

/// <summary>
/// Sends a request to the server that runs on the same machine, at the address in the settings: a health check for an image without a shell
/// and curl.
/// </summary>
internal static class SelfProbe
{
    public const string Argument = "--probe";
    private const string DefaultPath = "/health";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    /// <summary>The path in <c>--probe</c> or <c>--probe=/ready</c>; null without this argument.</summary>
    public static string? FindPath(string[] arguments) =>
        Array.Find(arguments, IsArgument) is { } argument ? argument.Split('=', 2) is [_, var path] ? path : DefaultPath : null;

    public static bool IsArgument(string argument) =>
        argument == Argument || argument.StartsWith(Argument + "=", StringComparison.Ordinal);

    /// <summary>Prints the response, and returns 0 for a successful response, else 1.</summary>
    public static async Task<int> RunAsync(IConfiguration configuration, string path)
    {
        var problems = SettingsShape.Check(configuration, HttpOptions.Section, typeof(HttpOptions));
        if (problems.Count > 0)
        {
            return await ConfigurationCheck.ReportAsync(problems);
        }

        var options = configuration.Read<HttpOptions>(HttpOptions.Section);
        if (!IPEndPoint.TryParse(options.Listen, out var endPoint) || endPoint.Port == 0 || !path.StartsWith('/'))
        {
            await ConsoleLine.TryWriteAsync(
                Console.Error,
                $"{Argument}={path}: must be a path, as /ready, and {HttpOptions.Section}:Listen = {options.Listen} must be address:port");
            return 1;
        }

        try
        {
            using var client = CreateClient();
            using var answer = await client.GetAsync(AddressOf(endPoint, isSecure: options.Tls.CertificatePath.Length > 0, path));
            await ConsoleLine.TryWriteAsync(Console.Out, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or UriFormatException)
        {
            await ConsoleLine.TryWriteAsync(Console.Error, $"{endPoint}: {e.Message}");
            return 1;
        }
    }

    private static Uri AddressOf(IPEndPoint listen, bool isSecure, string path)
    {
        var address = listen.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : listen.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : listen.Address;
        return new Uri($"{(isSecure ? "https" : "http")}://{new IPEndPoint(address, listen.Port)}{path}");
    }

    private static HttpClient CreateClient()
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };

#pragma warning disable CA5359 // The certificate has the server's public name and not this address, and the request contains no secret.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        return new HttpClient(handler) { Timeout = Timeout };
    }
}
