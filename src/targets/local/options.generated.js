// Made from options.ts by `npm run generate`.
"use strict";
export const accepts = validate10;
const schema11 = {"type":"object","properties":{"port":{"type":"integer","minimum":1,"maximum":65535},"body":{"type":"string","pattern":"^[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti)$"}},"additionalProperties":false};
const pattern0 = new RegExp("^[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti)$", "u");

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
const _errs1 = errors;
for(const key0 in data){
if(!((key0 === "port") || (key0 === "body"))){
validate10.errors = [];
return false;
break;
}
}
if(_errs1 === errors){
if(data.port !== undefined){
let data0 = data.port;
const _errs2 = errors;
if(!(((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0))) && (isFinite(data0)))){
validate10.errors = [];
return false;
}
if(errors === _errs2){
if((typeof data0 == "number") && (isFinite(data0))){
if(data0 > 65535 || isNaN(data0)){
validate10.errors = [];
return false;
}
else {
if(data0 < 1 || isNaN(data0)){
validate10.errors = [];
return false;
}
}
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.body !== undefined){
let data1 = data.body;
const _errs4 = errors;
if(errors === _errs4){
if(typeof data1 === "string"){
if(!pattern0.test(data1)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
validate10.errors = vErrors;
return errors === 0;
}

