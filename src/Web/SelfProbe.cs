using NetworkProtocol.Settings;
using System.Net;

namespace NetworkProtocol.Web;

/// <summary>
/// Asks the server that runs beside it, at the address that both have from their settings: a health check for an image that has
/// neither shell nor curl.
/// </summary>
internal static class SelfProbe
{
    public const string Argument = "--probe";
    private const string DefaultPath = "/health";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The path that <c>--probe</c> or <c>--probe=/ready</c> wants asked; null without it.</summary>
    public static string? PathIn(string[] arguments) =>
        Array.Find(arguments, IsArgument) is { } argument ? argument.Split('=', 2) is [_, var path] ? path : DefaultPath : null;

    public static bool IsArgument(string argument) =>
        argument == Argument || argument.StartsWith(Argument + "=", StringComparison.Ordinal);

    /// <summary>Prints the answer, and gives 0 for a good one, else 1.</summary>
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
            await Printed.TryWriteAsync(Console.Error, $"{Argument}={path}: must be a path, as /ready, and {HttpOptions.Section}:Listen = {options.Listen} address:port");
            return 1;
        }

        try
        {
            using var client = CreateClient();
            using var answer = await client.GetAsync(AddressOf(endPoint, isSecure: options.Tls.CertificatePath.Length > 0, path));
            await Printed.TryWriteAsync(Console.Out, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or UriFormatException)
        {
            await Printed.TryWriteAsync(Console.Error, $"{endPoint}: {e.Message}");
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

#pragma warning disable CA5359 // It names the server as the world knows it, not this address, and what is asked says nothing that is secret.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        return new HttpClient(handler) { Timeout = Patience };
    }
}
