namespace NetworkProtocol.Server;

/// <summary>
/// A Unix socket beside the server's own endpoints. It serves Ping, Echo, and the commands that are mapped for it with
/// <see cref="Commands.CommandConventions.OnEndpoint"/>, and no other endpoint serves these. Register it as a singleton; the server then
/// creates the socket with mode 0660 when it starts.
/// </summary>
/// <param name="Name">The endpoint's name, which the commands give.</param>
/// <param name="Setting">The key of the setting that has the path, for errors.</param>
/// <param name="Path">The absolute path of the socket: at most 107 bytes of UTF-8.</param>
public sealed record LocalEndpoint(string Name, string Setting, string Path)
{
    /// <summary>
    /// Whether the server creates the socket. Default true. A socket with this path that systemd holds serves the endpoint's commands alone
    /// in either case.
    /// </summary>
    public bool IsOn { get; init; } = true;

    /// <summary>What is wrong with a path for a socket, as the end of a sentence that says "must be"; null if the path is good.</summary>
    public static string? ProblemOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Transport.LocalSocket.ProblemOf(path);
    }
}
