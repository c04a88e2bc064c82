using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Web;

/// <summary>Checks what <see cref="LogOptions"/> says of the files.</summary>
internal sealed partial class LogFileValidator : IValidateOptions<LogOptions>
{
    private const long LeastBytes = 1024 * 1024;
    private const long MostBytes = 10L * 1024 * 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, LogOptions options)
    {
        List<string> errors = [];
        if (options.MaxFileBytes is < LeastBytes or > MostBytes)
        {
            errors.Add($"NetworkProtocol:Log:MaxFileBytes = {options.MaxFileBytes}: must be {LeastBytes} to {MostBytes}");
        }

        if (!Mode().IsMatch(options.FileMode))
        {
            errors.Add($"NetworkProtocol:Log:FileMode = {options.FileMode}: must be 0600, 0640 or 0644");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    [GeneratedRegex("^06(00|40|44)$")]
    private static partial Regex Mode();
}
