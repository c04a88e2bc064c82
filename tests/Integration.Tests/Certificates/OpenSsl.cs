using System.Net;
using Integration.Tests.Operations;

namespace Integration.Tests.Certificates;

/// <summary>The real <c>openssl s_client</c>.</summary>
internal static class OpenSsl
{
    /// <summary>Connects, disconnects, and returns the whole output.</summary>
    public static async Task<string> ConnectAsync(IPEndPoint server, params string[] arguments) =>
        (await Tool.RunAsync("openssl", ["s_client", "-connect", server.ToString(), .. arguments])).All;

    /// <summary>The certificates that the server sends.</summary>
    public static async Task<string[]> ChainAsync(IPEndPoint server, string version)
    {
        var said = await ConnectAsync(server, version, "-showcerts");
        return [.. NetworkProtocol.Certificates.PemFile.Blocks(
            said[..said.IndexOf("Server certificate", StringComparison.Ordinal)], label => label == "CERTIFICATE")];
    }
}
