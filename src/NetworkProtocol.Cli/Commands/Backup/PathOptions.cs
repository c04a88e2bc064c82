using System.CommandLine;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>Options that are paths: an empty one is a shell's variable that was not set.</summary>
internal static class PathOptions
{
    public static void RefuseEmpty(params Option<string?>[] options)
    {
        foreach (var option in options)
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens.Any(token => token.Value.Length == 0))
                {
                    result.AddError($"{option.Name}: must not be empty");
                }
            });
        }
    }
}
