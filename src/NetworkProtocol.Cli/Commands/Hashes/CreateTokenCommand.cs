using System.Buffers.Text;
using System.CommandLine;
using System.Security.Cryptography;
using System.Text;

namespace NetworkProtocol.Cli.Commands.Hashes;

/// <summary>
/// <c>create-token</c>: makes a token for the API, and its SHA-256 for the setting <c>NetworkProtocol:Admin:Tokens:&lt;name&gt;:Hash</c>.
/// </summary>
internal sealed class CreateTokenCommand : INetprotoCommand
{
    /// <summary>The start of every token, by which people and scanners for secrets recognize one.</summary>
    private const string Prefix = "npat_";

    private const int SecretBytes = 32;

    public CommandGroup Group => CommandGroup.Hashes;

    public Command Create()
    {
        var command = new Command(
            "create-token",
            "Makes a token for the API and prints two lines: the token, for NETPROTO_TOKEN, and its hash, for "
                + "NetworkProtocol:Admin:Tokens:<name>:Hash of the server. Example: netproto create-token");
        command.SetAction(_ =>
        {
            var token = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
            Console.WriteLine($"token\t{token}");
            Console.WriteLine($"hash\t{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)))}");
            return ExitCodes.Good;
        });
        return command;
    }
}
