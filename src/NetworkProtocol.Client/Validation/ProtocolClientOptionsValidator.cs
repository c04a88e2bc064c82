using Microsoft.Extensions.Options;

namespace NetworkProtocol.Client.Validation;

/// <summary>Checks the options before a program starts. The failure has all errors.</summary>
internal sealed class ProtocolClientOptionsValidator : IValidateOptions<ProtocolClientOptions>
{
    public ValidateOptionsResult Validate(string? name, ProtocolClientOptions options)
    {
        var problems = new List<string>();
        options.Check(new OptionsCheck(problems, string.IsNullOrEmpty(name) ? "" : $"{name}: "));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
