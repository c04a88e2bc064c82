using System.Text.Json;

namespace NetworkProtocol.Tests;

/// <summary>Bytes that the reference implementation produced.</summary>
internal static class Vectors
{
    private static readonly JsonDocument Document =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors.json")));

    public static IEnumerable<JsonElement> All(string group) => Document.RootElement.GetProperty(group).EnumerateArray();

    public static JsonElement Group(string group) => Document.RootElement.GetProperty(group);

    public static TheoryData<string> Names(string group) => new(All(group).Select(vector => vector.Text("name")));

    public static JsonElement Get(string group, string name) => All(group).Single(vector => vector.Text("name") == name);

    public static string Text(this JsonElement vector, string property) => vector.GetProperty(property).GetString()!;

    public static byte[] Bytes(this JsonElement vector, string property) => Convert.FromHexString(vector.Text(property));
}
