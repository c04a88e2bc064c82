using System.CommandLine;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Hashes;

/// <summary>
/// <c>hash-password</c>: makes the hash for the setting <c>NetworkProtocol:Admin:Password</c>, which is ASP.NET Core Identity's: PBKDF2
/// with HMAC-SHA512.
/// </summary>
internal sealed class HashPasswordCommand : INetprotoCommand
{
    /// <summary>The number that OWASP recommends for PBKDF2 with HMAC-SHA512.</summary>
    private const int Iterations = 210_000;

    private const int ShortestPassword = 12;

    public CommandGroup Group => CommandGroup.Hashes;

    public Command Create()
    {
        var command = new Command(
            "hash-password",
            "Reads a password, or a line of standard input, and prints its hash for NetworkProtocol:Admin:Password. "
                + "Example: netproto hash-password > password.hash");
        command.SetAction(async (_, cancellationToken) =>
        {
            var (password, problem) = await ReadAsync(cancellationToken);
            problem ??= password.Length < ShortestPassword ? $"the password must have {ShortestPassword} characters or more" : null;
            if (problem is not null)
            {
                await Console.Error.WriteLineAsync($"netproto: {problem}");
                return ExitCodes.Usage;
            }

            var hasher = new PasswordHasher<string>(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
            Console.WriteLine(hasher.HashPassword("", password));
            return ExitCodes.Good;
        });
        return command;
    }

    private static async Task<(string Password, string? Problem)> ReadAsync(CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected)
        {
            return (await Console.In.ReadLineAsync(cancellationToken) ?? "", null);
        }

        var password = await Keyboard.AskSecretAsync("Password:", cancellationToken);
        var again = await Keyboard.AskSecretAsync("Once more:", cancellationToken);
        return (password, again == password ? null : "the two passwords are not the same");
    }
}
