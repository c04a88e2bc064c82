using System.CommandLine;
using System.Security.Authentication;
using System.Text.Json;
using NetworkProtocol.Cli.Printing;
using NetworkProtocol.Client;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary>The argument and the options of every command that talks to the protocol's port: the server, and how to trust it.</summary>
internal sealed class ConnectionArguments
{
    private readonly Argument<string> _address = new("address") { Description = "host:port, [v6]:port or unix:/path" };
    private readonly Option<string?> _ca = new("--ca") { Description = "PEM file with the authorities to trust" };
    private readonly Option<string?> _cert = new("--cert") { Description = "PEM file with the client's certificate" };
    private readonly Option<string?> _key = new("--key") { Description = "PEM file with the client's key" };
    private readonly Option<bool> _insecure = new("--insecure") { Description = "Accept any server certificate" };
    private readonly Option<bool> _plain = new("--plain") { Description = "The secure handshake instead of TLS" };
    private readonly Option<TimeSpan?> _timeout =
        Durations.Option("--timeout", "For connecting and for each request", TimeSpan.FromSeconds(5));

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="address">The server's address if the user gives none; null: the user must give one.</param>
    public ConnectionArguments(Command command, string? address = null)
    {
        if (address is not null)
        {
            _address.DefaultValueFactory = _ => address;
        }

        command.Add(_address);
        foreach (var option in new Option[] { _ca, _cert, _key, _insecure, _plain, _timeout, _json })
        {
            command.Add(option);
        }
    }

    /// <summary>Whether to print JSON.</summary>
    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Runs a command's work, which gets a function that connects; an error is one line and an exit code.</summary>
    public Task<int> RunAsync(ParseResult parsed, Func<Func<Task<ProtocolConnection>>, Task> work, CancellationToken cancellationToken) =>
        RunAsync(parsed, (address, options) => work(() => ProtocolConnection.ConnectAsync(address, options, cancellationToken)));

    /// <summary>Runs a command's work, which connects by itself; an error is one line and an exit code.</summary>
    public async Task<int> RunAsync(ParseResult parsed, Func<ServerAddress, ConnectionOptions, Task> work)
    {
        try
        {
            var address = ServerAddress.Parse(parsed.GetValue(_address)!);
            var options = CreateOptions(parsed);
            if (options.Tls.AllowUntrustedServer)
            {
                await Console.Error.WriteLineAsync(
                    "WARNING: --insecure: the server is not verified. Anyone on the network path can read and change the traffic.");
            }

            await work(address, options);
            return ExitCodes.Good;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"netproto: {Printable.Of(e.Message)}");
            return ExitCodes.Usage;
        }
        catch (ProtocolClientException e)
        {
            await Console.Error.WriteLineAsync($"netproto: {Printable.Of(e.Message)}{Advice(e)}");
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("netproto: cancelled");
            return ExitCodes.Failed;
        }
    }

    /// <summary>Prints a result as JSON, or as text without the characters that a terminal would execute.</summary>
    public void Print(ParseResult parsed, string text, params (string Name, object Value)[] fields) =>
        Console.WriteLine(IsJson(parsed) ? ToJson(fields) : Printable.Lines(text));

    private static string Advice(ProtocolClientException e) => e.Kind == ProtocolErrorKind.Tls && IsOfHandshake(e.InnerException)
        ? " (--ca FILE trusts the authorities in it, or the server's own certificate; --plain uses the secure handshake instead of TLS)"
        : "";

    // The exact class, because the IOException of a PEM file that is missing is of a derived one.
    private static bool IsOfHandshake(Exception? cause) =>
        cause is AuthenticationException or EndOfStreamException || cause?.GetType() == typeof(IOException);

    private static string ToJson((string Name, object Value)[] fields)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, value);
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private ConnectionOptions CreateOptions(ParseResult parsed) => new()
    {
        Transport = parsed.GetValue(_plain) ? ClientTransport.SecureHandshake : ClientTransport.Tls,
        Tls = new()
        {
            TrustedCertificatesPath = parsed.GetValue(_ca),
            ClientCertificatePath = parsed.GetValue(_cert),
            ClientKeyPath = parsed.GetValue(_key),
            AllowUntrustedServer = parsed.GetValue(_insecure),
        },
        ConnectTimeout = parsed.GetValue(_timeout)!.Value,
        RequestTimeout = parsed.GetValue(_timeout)!.Value,
    };
}
