using System.CommandLine;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Cli.Node;

/// <summary>The API's filter of connections as options. The server checks the values, and its error says which values are right.</summary>
internal sealed class ConnectionFilterOptions
{
    private readonly Option<string?> _address = new("--address") { Description = "A network as 192.0.2.0/24, or a part of the address" };
    private readonly Option<string?> _identity = new("--identity") { Description = "A part of the client's name, as cn:orders" };
    private readonly Option<string?> _transport = new("--transport") { Description = "tls, secure or local" };
    private readonly Option<string?> _command = new("--command") { Description = "A command among the connection's last messages" };
    private readonly Option<string?> _minAge = new("--min-age") { Description = "At least this old, hh:mm:ss or seconds" };
    private readonly Option<string?> _maxAge = new("--max-age") { Description = "At most this old, hh:mm:ss or seconds" };
    private readonly Option<string?> _state;

    private ConnectionFilterOptions(Command command, Option<string?> state)
    {
        _state = state;
        foreach (var option in new[] { _address, _identity, _transport, _command, _minAge, _maxAge, _state })
        {
            command.Add(option);
        }
    }

    /// <summary>Adds the options for open connections to a command.</summary>
    public static ConnectionFilterOptions ForOpen(Command command) =>
        new(command, new("--state") { Description = "The connection's state: handshaking, waiting, running, sending, closing" });

    /// <summary>Adds the options for closed connections to a command.</summary>
    public static ConnectionFilterOptions ForClosed(Command command) =>
        new(command, new("--reason") { Description = "Why the connection ended, for example client_left or kicked" });

    /// <summary>The filter that was given.</summary>
    public ConnectionFilter Read(ParseResult parsed) => new ConnectionFilter
    {
        Address = parsed.GetValue(_address),
        Identity = parsed.GetValue(_identity),
        Transport = parsed.GetValue(_transport),
        Command = parsed.GetValue(_command),
        State = parsed.GetValue(_state),
        MinAge = parsed.GetValue(_minAge),
        MaxAge = parsed.GetValue(_maxAge),
    }.WithoutBlanks();
}
