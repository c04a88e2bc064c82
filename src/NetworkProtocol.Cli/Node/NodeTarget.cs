namespace NetworkProtocol.Cli.Node;

/// <summary>The node that a command talks to, the token for it, and how the node proves who it is.</summary>
/// <param name="Url">The node's address, with a slash at the end.</param>
/// <param name="Token">The token, or null.</param>
/// <param name="CaPath">A PEM file with the authorities to trust in place of the system's.</param>
/// <param name="Insecure">Whether any certificate is accepted.</param>
/// <param name="Timeout">For each request.</param>
internal sealed record NodeTarget(Uri Url, string? Token, string? CaPath, bool Insecure, TimeSpan Timeout)
{
    /// <summary>The address, for people.</summary>
    public string Name => Url.GetLeftPart(UriPartial.Authority);

    /// <summary>Checks the options of a command.</summary>
    /// <exception cref="CommandException">An option is wrong.</exception>
    public static NodeTarget Create(string url, string? token, string? caPath, bool insecure, TimeSpan timeout)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
            || address.UserInfo.Length + address.Query.Length + address.Fragment.Length > 0)
        {
            throw CommandException.Usage($"--url {url}: must be an address as https://server.example:8080");
        }

        if (address.Scheme == Uri.UriSchemeHttp && (insecure || caPath is not null))
        {
            throw CommandException.Usage($"--ca and --insecure need an https:// address; {url} is not one");
        }

        // Checked here, because HttpClient would show the token in its error.
        if (token is not null && (token.Length == 0 || token.Any(c => c is <= ' ' or > '~')))
        {
            throw CommandException.Usage("the token is empty or contains characters that a token cannot contain");
        }

        var path = address.AbsolutePath.EndsWith('/') ? address : new Uri(address + "/");
        return new NodeTarget(path, token, caPath, insecure, timeout);
    }

    /// <summary>What the user should know before the token is sent; empty when the connection is safe.</summary>
    public IEnumerable<string> Warnings()
    {
        if (Insecure)
        {
            yield return "WARNING: --insecure: the server is not verified. Anyone on the network path can read the token and use it.";
        }

        if (Token is not null && Url.Scheme == Uri.UriSchemeHttp && !Url.IsLoopback)
        {
            yield return $"WARNING: the token is sent to {Url.Host} without encryption; use https://.";
        }
    }
}
