using System.CommandLine;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>Options that are paths. An empty path is refused, because it usually comes from a shell variable that is not set.</summary>
internal static class PathOptions
{
    /// <summary>Makes an empty path an error.</summary>
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
