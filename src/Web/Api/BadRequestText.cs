using System.Text.Json;
using System.Text.RegularExpressions;

namespace NetworkProtocol.Web.Api;

/// <summary>
/// Explains what is wrong with a request and what is right, in the API's terms: the framework's messages would name types of this program.
/// </summary>
internal static partial class BadRequestText
{
    public static string Of(BadHttpRequestException error) =>
        error.InnerException is JsonException json ? Of(json)
        : Parameter().Match(error.Message) is { Success: true } bound
            ? $"{JsonNamingPolicy.CamelCase.ConvertName(bound.Groups["name"].Value)} = {PlainText.Of(bound.Groups["value"].Value)}: "
                + $"must be {Kind(bound.Groups["type"].Value)}."
        : error.Message.Contains("no body was provided", StringComparison.Ordinal) ? "This operation needs a JSON body."
        : Typed().IsMatch(error.Message) ? "The request is not valid. /openapi/v1.json describes what this operation expects."
        : error.Message;

    private static string Of(JsonException error)
    {
        if (Missing().Match(error.Message) is { Success: true } missing)
        {
            return $"The body has no value for {missing.Groups[1].Value}.";
        }

        if (Unknown().Match(error.Message) is { Success: true } unknown)
        {
            return $"The body has an unknown property: {PlainText.Of(unknown.Groups[1].Value)}.";
        }

        var place = error.Path is { Length: > 2 } path ? path[2..] : "The body";
        return error.Message.Contains("could not be converted", StringComparison.Ordinal)
            ? $"{place}: must be {KindOf(place.Split('.')[^1])}."
            : $"{place} is not valid JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}).";
    }

    // The framework's message has the type of the whole body, not of the property.
    private static string KindOf(string property) => property switch
    {
        "role" => "viewer or operator",
        "duration" or "lifetime" or "deadline" => "a duration as 01:00:00 or 90.00:00:00",
        "expected" or "perSecond" => "a whole number",
        "all" => "true or false",
        "filter" or "The body" => "an object as /openapi/v1.json describes it",
        _ => "a text",
    };

    private static string Kind(string type) => type switch
    {
        _ when type.Contains("bool", StringComparison.OrdinalIgnoreCase) => "true or false",
        _ when type.Contains("int", StringComparison.OrdinalIgnoreCase) => "a whole number",
        _ when type.Contains("long", StringComparison.OrdinalIgnoreCase) => "a whole number",
        _ => "of the kind that /openapi/v1.json describes",
    };

    [GeneratedRegex("^Failed to bind parameter \"(?<type>.+) (?<name>\\w+)\" from \"(?<value>.*)\"", RegexOptions.Singleline)]
    private static partial Regex Parameter();

    [GeneratedRegex("parameter \"|NetworkProtocol\\.|System\\.")]
    private static partial Regex Typed();

    [GeneratedRegex("missing required properties including: (.+?)\\.?$")]
    private static partial Regex Missing();

    [GeneratedRegex("^The JSON property '(.*?)' could not be mapped")]
    private static partial Regex Unknown();
}
